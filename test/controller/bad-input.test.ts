import { expect } from 'chai';
import type { LightMyRequestResponse } from 'fastify';
import { connect } from 'node:net';
import { authorization, furnish, rig, type Rig } from './controller.ts';

interface Case {
  readonly what: string;
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';
  readonly url: string;
  readonly type?: string;
  readonly body?: string | Buffer;
  readonly answer: [status: number, code: string, message: RegExp];
}
const json = 'application/json';
const MiB = 1024 * 1024;

const cases: Case[] = [
  {
    what: 'broken JSON',
    method: 'PATCH',
    url: '/apps/shop/config',
    type: json,
    body: '{"set": {"KEY": "s3cret"',
    answer: [400, 'REQUEST_INVALID', /body is not valid JSON/],
  },
  {
    what: 'JSON that is not an object',
    method: 'POST',
    url: '/apps',
    type: json,
    body: '[1]',
    answer: [400, 'REQUEST_INVALID', /body: expected object, received array/],
  },
  {
    what: 'JSON null',
    method: 'POST',
    url: '/apps/shop/releases',
    type: json,
    body: 'null',
    answer: [400, 'REQUEST_INVALID', /body\.image: expected string/],
  },
  {
    what: 'a prototype in JSON',
    method: 'PATCH',
    url: '/apps/shop/config',
    type: json,
    body: '{"set": {"__proto__": {"a": "b"}}}',
    answer: [400, 'REQUEST_INVALID', /body is not valid JSON/],
  },
  {
    what: 'a wrong type',
    method: 'POST',
    url: '/apps',
    type: json,
    body: '{"name": 7}',
    answer: [400, 'REQUEST_INVALID', /body\.name: expected string, received number/],
  },
  {
    what: 'a wrong type deep inside',
    method: 'PATCH',
    url: '/apps/shop/formation',
    type: json,
    body: '{"updates":[{"type":"web","quantity":1.5}]}',
    answer: [400, 'REQUEST_INVALID', /body\.updates\.0\.quantity: expected int/],
  },
  {
    what: 'several wrong things',
    method: 'PATCH',
    url: '/apps/shop/config',
    type: json,
    body: '{"set": {"A": 1, "B": 2}, "unset": 3}',
    answer: [400, 'REQUEST_INVALID', /body\.set\.A: .* \(and 2 more\)/],
  },
  {
    what: 'nothing where something is needed',
    method: 'POST',
    url: '/apps/shop/domains',
    answer: [400, 'REQUEST_INVALID', /body\.domain: expected string/],
  },
  {
    what: 'an empty body that says it is JSON',
    method: 'POST',
    url: '/apps/shop/domains',
    type: json,
    body: '',
    answer: [400, 'REQUEST_INVALID', /body\.domain/],
  },
  {
    what: 'a number of lines that is none',
    url: '/apps/shop/logs?n=many',
    answer: [400, 'REQUEST_INVALID', /query\.n: expected number/],
  },
  { what: 'too many lines', url: '/apps/shop/logs?n=1000000', answer: [400, 'REQUEST_INVALID', /query\.n: Too big/] },
  {
    what: 'a negative event number',
    url: '/operations/op-1/events?from=-1',
    answer: [400, 'REQUEST_INVALID', /query\.from: Too small/],
  },
  {
    what: 'a query key given twice',
    url: '/apps/shop/logs?source=app&source=router',
    answer: [400, 'REQUEST_INVALID', /query\.source/],
  },
  {
    what: 'a yes or no that is neither',
    url: '/apps/shop/logs?tail=perhaps',
    answer: [400, 'REQUEST_INVALID', /query\.tail/],
  },
  {
    what: 'no confirmation',
    method: 'DELETE',
    url: '/apps/shop',
    answer: [400, 'REQUEST_INVALID', /query\.confirm: expected string/],
  },
  {
    what: "another app's confirmation",
    method: 'DELETE',
    url: '/apps/shop?confirm=other',
    answer: [422, 'CONFIRM_MISMATCH', /"shop", got "other"/],
  },
  { what: 'an unknown app', url: '/apps/nope', answer: [404, 'APP_NOT_FOUND', /Cannot find the app "nope"/] },
  { what: 'logs of an unknown app', url: '/apps/nope/logs?tail=true', answer: [404, 'APP_NOT_FOUND', /"nope"/] },
  {
    what: "an app's name that cannot be",
    method: 'POST',
    url: '/apps',
    type: json,
    body: '{"name":"../etc"}',
    answer: [422, 'APP_NAME_INVALID', /\.\.\/etc/],
  },
  {
    what: 'an encoded slash in a name',
    url: '/apps/shop%2fconfig',
    answer: [400, 'REQUEST_INVALID', /app in the path/],
  },
  {
    what: 'an encoded climb',
    url: '/apps/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    answer: [400, 'REQUEST_INVALID', /app in the path/],
  },
  { what: 'a NUL in a name', url: '/apps/shop%00', answer: [400, 'REQUEST_INVALID', /app in the path/] },
  {
    what: 'a line break in a name',
    url: '/apps/shop%0d%0aX-Evil:%201',
    answer: [400, 'REQUEST_INVALID', /app in the path/],
  },
  { what: 'a backslash in a name', url: '/apps/..%5c..%5cetc', answer: [400, 'REQUEST_INVALID', /app in the path/] },
  {
    what: 'spaces and quotes in a name',
    url: '/apps/a%20%22b%22',
    answer: [400, 'REQUEST_INVALID', /app in the path/],
  },
  { what: 'broken percent encoding', url: '/apps/%zz', answer: [400, 'REQUEST_INVALID', /%zz/] },
  { what: 'a name of a thousand letters', url: `/apps/${'a'.repeat(1000)}`, answer: [400, 'REQUEST_INVALID', /aaa/] },
  { what: 'an empty name', url: '/apps//config', answer: [400, 'REQUEST_INVALID', /app in the path/] },
  { what: 'an unknown route', url: '/nope?token=s3cret', answer: [404, 'ROUTE_NOT_FOUND', /no route GET \/nope\./] },
  {
    what: 'an unknown method',
    method: 'PUT',
    url: '/apps/shop',
    answer: [404, 'ROUTE_NOT_FOUND', /no route PUT \/apps\/shop/],
  },
  {
    what: 'a form',
    method: 'POST',
    url: '/apps',
    type: 'application/x-www-form-urlencoded',
    body: 'name=a',
    answer: [415, 'MEDIA_TYPE_UNSUPPORTED', /urlencoded.* application\/json/],
  },
  {
    what: 'plain text',
    method: 'POST',
    url: '/apps',
    type: 'text/plain',
    body: '{"name":"a"}',
    answer: [415, 'MEDIA_TYPE_UNSUPPORTED', /text\/plain/],
  },
  {
    what: 'an archive where JSON belongs',
    method: 'POST',
    url: '/apps',
    type: 'application/gzip',
    body: 'x',
    answer: [415, 'MEDIA_TYPE_UNSUPPORTED', /application\/json/],
  },
  {
    what: 'JSON where an archive belongs',
    method: 'POST',
    url: '/apps/shop/builds',
    type: json,
    body: '{}',
    answer: [415, 'MEDIA_TYPE_UNSUPPORTED', /application\/gzip/],
  },
  {
    what: 'an archive that does not say so',
    method: 'POST',
    url: '/apps/shop/builds',
    answer: [415, 'MEDIA_TYPE_UNSUPPORTED', /"none".* application\/gzip/],
  },
  {
    what: 'a type that is none',
    method: 'POST',
    url: '/apps',
    type: '////',
    body: 'x',
    answer: [415, 'MEDIA_TYPE_UNSUPPORTED', /\/\/\/\//],
  },
  {
    what: 'JSON beyond 4 MiB',
    method: 'PATCH',
    url: '/apps/shop/config',
    type: json,
    body: JSON.stringify({ set: { A: 'x'.repeat(5 * MiB) } }),
    answer: [413, 'BODY_TOO_LARGE', /4 MiB/],
  },
  ...[{ '': 'x' }, { 'A=B': 'x' }, { 'A\0': 'x' }].map((env) => ({
    what: `an environment of ${JSON.stringify(env)}`,
    method: 'POST' as const,
    url: '/apps/shop/run',
    type: json,
    body: JSON.stringify({ command: ['x'], detached: true, env }),
    answer: [400, 'REQUEST_INVALID', /body\.env/] as Case['answer'],
  })),
  ...[{ command: ['a\0b'] }, { command: ['a'], env: { A: '\0' } }].map((body) => ({
    what: `NUL in ${JSON.stringify(body)}`,
    method: 'POST' as const,
    url: '/apps/shop/run',
    type: json,
    body: JSON.stringify(body),
    answer: [400, 'REQUEST_INVALID', /contains a NUL character/] as Case['answer'],
  })),
  {
    what: 'a process type that objects have',
    method: 'POST',
    url: '/apps/shop/run',
    type: json,
    body: JSON.stringify({ command: ['x'], type: 'constructor' }),
    answer: [422, 'PROCESS_TYPE_UNKNOWN', /constructor/],
  },
  {
    what: 'a wrong kind of build',
    method: 'POST',
    url: '/apps/shop/builds?kind=magic',
    type: 'application/gzip',
    body: 'x',
    answer: [400, 'REQUEST_INVALID', /query\.kind/],
  },
];

describe('bad input', () => {
  for (const {
    what,
    method = 'GET',
    url,
    type,
    body,
    answer: [status, code, message],
  } of cases) {
    it(`is told apart: ${what}`, async () => {
      const { rigged, send } = await furnished();
      const answer = await send(method, url, type, body);
      expect(answer.json()).to.include({ code });
      expect(answer.json<{ message: string }>().message).to.match(message);
      expect(answer.statusCode).to.equal(status);
      expect(answer.body + rigged.log()).not.to.match(/s3cret|node_modules|\.ts:\d/);
    });
  }

  it('changes nothing', async () => {
    const { rigged, send } = await furnished();
    const before = JSON.stringify([await rigged.platform.apps.list(), await rigged.platform.config.get('shop')]);
    for (const { method = 'GET', url, type, body } of cases) await send(method, url, type, body);
    expect(JSON.stringify([await rigged.platform.apps.list(), await rigged.platform.config.get('shop')])).to.equal(
      before,
    );
  });

  it("lets a config var of 2 MB and 5,000 config vars through to the platform's own judgement", async () => {
    const { rigged, send } = await furnished();
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`KEY_${n}`, `value ${n}`]));
    for (const [set, code] of [
      [{ LARGE: 'x'.repeat(2 * MiB) }, 'CONFIG_TOO_LARGE'],
      [many, 'CONFIG_TOO_MANY'],
    ] as const) {
      rigged.calls.length = 0;
      const answer = await send('PATCH', '/apps/shop/config', json, JSON.stringify({ set }));
      expect([answer.statusCode, answer.json<{ code: string }>().code]).to.deep.equal([413, code]);
      expect(rigged.calls).to.deep.equal(['config.update']);
    }
    expect(await rigged.platform.config.get('shop')).to.deep.equal({ COLOUR: 'red' });
  });

  it('takes a charset, upper case and names of hosts in other scripts', async () => {
    const { send } = await furnished();
    expect((await send('POST', '/apps', 'Application/JSON; charset=utf-8', '{"name":"blue"}')).statusCode).to.equal(
      200,
    );
    expect((await send('DELETE', `/apps/shop/domains/${encodeURIComponent('bücher.example')}`)).json()).to.include({
      code: 'DOMAIN_NOT_FOUND',
    });
    expect((await send('DELETE', `/apps/shop/domains/${encodeURIComponent('*.example.com')}`)).json()).to.include({
      code: 'DOMAIN_NOT_FOUND',
    });
  });

  it('is answered over a real connection too: dots in paths, huge headers, no HTTP at all', async () => {
    const { rigged } = await furnished();
    const { authorization: token } = authorization('member');
    expect(
      await raw(rigged, `GET /apps/%2e%2e HTTP/1.1\r\nHost: x\r\nAuthorization: ${token}\r\nConnection: close\r\n\r\n`),
    ).to.match(/^HTTP\/1.1 400 [^]*REQUEST_INVALID[^]*app in the path/);
    expect(
      await raw(
        rigged,
        `GET /apps/../tokens HTTP/1.1\r\nHost: x\r\nAuthorization: ${token}\r\nConnection: close\r\n\r\n`,
      ),
    ).to.match(/^HTTP\/1.1 404 [^]*ROUTE_NOT_FOUND/);
    expect(await raw(rigged, `GET /apps HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(70_000)}\r\n\r\n`)).to.match(
      /^HTTP\/1.1 400 [^]*REQUEST_INVALID/,
    );
    expect(await raw(rigged, 'hello?\r\n\r\n')).to.match(/^HTTP\/1.1 400 [^]*REQUEST_INVALID/);
  });

  it("of the platform's own making shows a reference that the log explains, and nothing else", async () => {
    const { rigged, send } = await furnished();
    Object.assign(rigged.platform.apps, { list: () => Promise.reject(new TypeError('s3cret of undefined')) });
    const answer = await send('GET', '/apps');
    const body = answer.json<{ code: string; ref: string; message: string }>();
    expect(answer.statusCode).to.equal(500);
    expect(body.code).to.equal('INTERNAL');
    expect(body.message).to.contain(body.ref);
    expect(answer.body).not.to.contain('s3cret');
    expect(
      rigged
        .log()
        .split('\n')
        .find((line) => line.includes(body.ref)),
    ).to.contain('TypeError');
  });

  it("of the platform's own making never gives more than the contract says", async () => {
    const { rigged, send } = await furnished();
    const info = await rigged.platform.apps.info('shop');
    Object.assign(rigged.platform.apps, { info: () => Promise.resolve({ ...info, internal: 's3cret' }) });
    expect((await send('GET', '/apps/shop')).json()).to.deep.equal(info);
  });
});

describe('every answer', () => {
  it('has a request id, which is in the log, and headers for browsers', async () => {
    const { rigged, send } = await furnished();
    const answer = await send('GET', '/apps');
    expect(answer.headers).to.include({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    expect(rigged.log()).to.contain(`"reqId":"${String(answer.headers['x-request-id'])}"`);
  });

  it('repeats the request id it was given, unless that is odd', async () => {
    const { app } = (await furnished()).rigged;
    const ids = await Promise.all(
      ['abc-123', 'a b\tc', 'x'.repeat(200)].map(
        async (id) => (await app.inject({ url: '/health', headers: { 'x-request-id': id } })).headers['x-request-id'],
      ),
    );
    expect(ids[0]).to.equal('abc-123');
    expect(ids[1]).to.match(/^[\w-]{36}$/);
    expect(ids[2]).to.match(/^[\w-]{36}$/);
  });
});

const opened: Rig[] = [];
afterEach(async () => {
  for (const rigged of opened.splice(0)) await rigged.close();
});

async function furnished(): Promise<{
  rigged: Rig;
  send: (
    method: NonNullable<Case['method']>,
    url: string,
    type?: string,
    body?: string | Buffer,
  ) => Promise<LightMyRequestResponse>;
}> {
  const rigged = await rig();
  await furnish(rigged);
  opened.push(rigged);
  return {
    rigged,
    send: (method, url, type, body) =>
      rigged.world.clock.passUntil(
        rigged.app.inject({
          method,
          url,
          headers: { ...authorization('member'), ...(type ? { 'content-type': type } : {}) },
          ...(body === undefined ? {} : { payload: body }),
        }),
      ),
  };
}

/** What comes back for bytes of our own, until the other side closes. */
async function raw({ url }: Rig, text: string): Promise<string> {
  const { port } = new URL(await url());
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(text);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}
