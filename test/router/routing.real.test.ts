import { expect } from 'chai';
import { Rig, release, to } from '../fixtures/router/rig.ts';
import type { TestApp } from '../fixtures/router/test-app.ts';

interface Echo {
  app: string;
  url: string;
  headers: Record<string, string>;
}

describe('router: routing', function () {
  this.timeout(180_000);
  let rig: Rig;
  let one: TestApp;
  let two: TestApp;

  const echo = async (host: string, path = '/', headers: Record<string, string> = {}): Promise<Echo> =>
    JSON.parse((await rig.router.ask({ host, path, headers })).body) as Echo;

  before(async () => {
    rig = await Rig.start();
    one = await rig.app('one');
    two = await rig.app('two');
  });
  after(() => rig.stop());

  it('serves the controller on its host before there is any table, but not its polls', async () => {
    const reply = await rig.router.ask({ host: 'Mothership.Example.test:8080', path: '/apps?x=1' });
    expect(JSON.parse(reply.body)).to.deep.equal({
      controller: true,
      url: '/apps?x=1',
      host: 'Mothership.Example.test:8080',
    });
    for (const path of ['/router/poll', '/router/../router/poll', '/%72outer/poll', '//router/poll']) {
      expect(await rig.router.ask({ host: 'mothership.example.test', path, method: 'POST' }), path).to.have.property(
        'status',
        404,
      );
    }
    expect(rig.controller.refused).to.equal(0);
  });

  it('finds the app by exact host, then the nearest wildcard, then the longest path', async () => {
    const [r1, r2] = [[release('one-1', [one])], [release('two-1', [two])]];
    await rig.controller.route([
      to('a.test', r1),
      to('*.a.test', r2),
      to('x.a.test', r1),
      to('*.deep.a.test', r1),
      to('paths.test', r1),
      to('paths.test/api', r2),
      to('paths.test/api/v1', r1),
      to('only.test/api', r2),
      to('*.only.test', r1),
      to('here.only.test/api', r2),
    ]);
    const expected: [string, string, string | number][] = [
      ['a.test', '/', 'one'],
      ['A.TEST', '/', 'one'],
      ['a.test:8080', '/', 'one'],
      ['a.test.', '/', 'one'],
      ['x.a.test', '/', 'one'],
      ['y.a.test', '/', 'two'],
      ['z.y.a.test', '/', 'two'],
      ['y.deep.a.test', '/', 'one'],
      ['deep.a.test', '/', 'two'],
      ['paths.test', '/', 'one'],
      ['paths.test', '/api', 'two'],
      ['paths.test', '/api?x', 'two'],
      ['paths.test', '/api/v2', 'two'],
      ['paths.test', '/apix', 'one'],
      ['paths.test', '/api/v1/x', 'one'],
      ['paths.test', '/x/../api', 'two'],
      ['only.test', '/api', 'two'],
      ['only.test', '/', 404],
      ['here.only.test', '/api', 'two'],
      ['here.only.test', '/', 'one'],
      ['b.test', '/', 404],
      ['test', '/', 404],
      ['one', '/', 404],
      ['127.0.0.1', '/', 404],
      ['xa.test', '/', 404],
    ];
    for (const [host, path, want] of expected) {
      const reply = await rig.router.ask({ host, path });
      const got = reply.status === 200 ? (JSON.parse(reply.body) as Echo).app : reply.status;
      expect(got, `${host}${path}`).to.equal(want);
    }
  });

  it('spreads over the tasks of a release and over releases by weight', async () => {
    await rig.controller.route([
      to('even.test', [release('even-1', [one, two])]),
      to('canary.test', [release('canary-1', [one], 3), release('canary-2', [two], 1)]),
      to('off.test', [release('off-1', [one], 1), release('off-2', [two], 0)]),
    ]);
    const share = async (host: string): Promise<number> => {
      const names = await Promise.all(Array.from({ length: 400 }, async () => (await echo(host)).app));
      return names.filter((name) => name === 'one').length / 400;
    };
    expect(await share('even.test')).to.be.closeTo(0.5, 0.02);
    expect(await share('canary.test')).to.be.closeTo(0.75, 0.1);
    expect(await share('off.test')).to.equal(1);
  });

  it('obeys a new table from the moment it is acknowledged', async () => {
    const times: number[] = [];
    for (let i = 0; i < 30; i++) {
      const app = i % 2 ? one : two;
      const started = performance.now();
      await rig.controller.route([to('flip.test', [release(`flip-${i}`, [app])])]);
      times.push(performance.now() - started);
      expect(
        await Promise.all([echo('flip.test'), echo('flip.test'), echo('flip.test')]).then((all) =>
          all.map((e) => e.app),
        ),
      ).to.deep.equal(Array(3).fill(app.name));
    }
    expect(times.sort((a, b) => a - b)[15], 'median ms to be acknowledged').to.be.below(200);
  });

  it('says what is wrong in pages of its own, as HTML or JSON, with the request id', async () => {
    const dead = await rig.dead();
    const breaks = await rig.app('breaks', (request) => request.socket.destroy());
    const teapot = await rig.app('teapot', (_request, response) => response.writeHead(503).end('my own page'));
    await rig.controller.route([
      to('maintained.test', [release('m-1', [one])], { maintenance: true }),
      to('none.test', []),
      to('empty.test', [release('e-1', [])]),
      to('crashed.test', [release('c-1', [dead])]),
      to('breaks.test', [release('b-1', [breaks])]),
      to('own.test', [release('o-1', [teapot])]),
    ]);
    const expected: [string, number, string][] = [
      ['unknown.test', 404, 'H00'],
      ['maintained.test', 503, 'H80'],
      ['none.test', 503, 'H14'],
      ['empty.test', 503, 'H14'],
      ['crashed.test', 502, 'H10'],
      ['breaks.test', 502, 'H13'],
    ];
    for (const [host, status, code] of expected) {
      const page = await rig.router.ask({ host });
      const id = page.headers['x-request-id'] as string;
      expect(page, host).to.have.property('status', status);
      expect(page.headers['content-type'], host).to.equal('text/html; charset=utf-8');
      expect(page.body, host)
        .to.include(code)
        .and.include(id)
        .and.not.include('nginx')
        .and.not.match(/\{[a-z]+\}/);
      const json = await rig.router.ask({ host, headers: { accept: 'application/json, */*' } });
      expect(JSON.parse(json.body), host).to.include({ code, request_id: json.headers['x-request-id'] });
      expect(await rig.router.logged(id), host).to.include({ status, code, host });
    }
    expect(await rig.router.ask({ host: 'own.test' })).to.include({ status: 503, body: 'my own page' });
    expect(await rig.router.ask({ host: 'unknown.test', method: 'HEAD' })).to.include({ status: 404, body: '' });
  });

  it('tells the app where the request came from, and nothing that the client made up', async () => {
    await rig.controller.route([to('headers.test', [release('headers-1', [one])])]);
    const forged = [
      'Forwarded',
      'X-Forwarded-For',
      'X-Forwarded-Host',
      'X-Forwarded-Port',
      'X-Forwarded-Proto',
      'X-Forwarded-Ssl',
      'X-Forwarded-Prefix',
      'X-Forwarded-Server',
      'X-Real-IP',
      'X-Request-Start',
      'X-Queue-Start',
      'X-Original-URL',
      'X-Rewrite-URL',
      'X-Client-IP',
      'Proxy',
      'X_Forwarded_For',
    ];
    const { headers } = await echo('headers.test:81', '/', {
      ...Object.fromEntries(forged.map((name) => [name, 'forged'])),
      'x-own': 'kept',
      cookie: 'a=1',
    });
    expect(Object.values(headers)).to.not.include('forged');
    expect(headers).to.include({
      host: 'headers.test:81',
      'x-own': 'kept',
      cookie: 'a=1',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'headers.test:81',
      'x-forwarded-port': '80',
      'x-forwarded-proto': 'http',
    });
    const startedAgo = Date.now() - Number(/^t=(\d{10}\.\d{3})$/.exec(headers['x-request-start'] ?? '')?.[1]) * 1000;
    expect(startedAgo).to.be.within(-5, 2_000);
  });

  it('keeps a sound request id and replaces any other', async () => {
    await rig.controller.route([to('ids.test', [release('ids-1', [one])])]);
    const idFor = async (given?: string): Promise<string> => {
      const reply = await rig.router.ask({
        host: 'ids.test',
        headers: given === undefined ? {} : { 'x-request-id': given },
      });
      const seen = (JSON.parse(reply.body) as Echo).headers['x-request-id'];
      expect(reply.headers['x-request-id']).to.equal(seen);
      return seen ?? '';
    };
    for (const sound of ['01234567-89ab-cdef-0123', 'a'.repeat(200)]) expect(await idFor(sound)).to.equal(sound);
    for (const unsound of [undefined, '', 'short', 'a'.repeat(201), `${'a'.repeat(30)}"<x>`, `${'a'.repeat(30)} b`])
      expect(await idFor(unsound)).to.match(/^[0-9a-f]{16}-\d+-\d+$/);
  });

  it('survives odd requests', async () => {
    await rig.controller.route([
      to('odd.test', [release('odd-1', [one])]),
      to('other.test', [release('other-1', [two])]),
    ]);
    const get = (target: string, host: string): string =>
      `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    const expected: [string, string, number][] = [
      ['plain', get('/', 'odd.test'), 200],
      ['null byte', get('/a%00b', 'odd.test'), 400],
      ['raw null byte', get('/a\0b', 'odd.test'), 400],
      ['encoded slash and dots', get('/a%2Fb/%2e%2e/c', 'odd.test'), 200],
      ['dots above the root', get('/../../etc/passwd', 'odd.test'), 400],
      ['asterisk', 'OPTIONS * HTTP/1.1\r\nHost: odd.test\r\nConnection: close\r\n\r\n', 400],
      ['IPv6 literal', get('/', '[::1]:8080'), 404],
      ['bad port', get('/', 'odd.test:abc'), 404],
      ['empty host', get('/', ''), 400],
      ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
      ['HTTP/1.0 without a host', 'GET / HTTP/1.0\r\n\r\n', 404],
      ['two hosts', 'GET / HTTP/1.1\r\nHost: odd.test\r\nHost: other.test\r\nConnection: close\r\n\r\n', 400],
      ['space in the host', get('/', 'odd.test odd'), 400],
      ['slash in the host', get('/', 'odd.test/x'), 400],
      ['long host', get('/', `${'a.'.repeat(2000)}test`), 404],
      ['long path', get(`/${'a'.repeat(20_000)}`, 'odd.test'), 431],
      ['path that is too long', get(`/${'a'.repeat(40_000)}`, 'odd.test'), 414],
      ['CONNECT', 'CONNECT odd.test:80 HTTP/1.1\r\nHost: odd.test\r\n\r\n', 400],
      [
        'length and chunked',
        'POST / HTTP/1.1\r\nHost: odd.test\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        400,
      ],
      ['unknown method', 'PURGE / HTTP/1.1\r\nHost: odd.test\r\nConnection: close\r\n\r\n', 200],
      ['percent without hex', get('/%zz', 'odd.test'), 400],
      ['not HTTP', 'hello\r\n\r\n', 400],
    ];
    const got = await Promise.all(
      expected.map(async ([what, bytes]) => {
        const text = await rig.router.raw(bytes);
        return [what, Number(/^HTTP\/1\.\d (\d+)/.exec(text)?.[1] ?? 0)];
      }),
    );
    expect(got).to.deep.equal(expected.map(([what, , status]) => [what, status]));
  });

  it('logs a request as one line of facts', async () => {
    await rig.controller.route([to('logged.test', [release('logged-3', [one])])]);
    const reply = await rig.router.ask({
      host: 'logged.test',
      path: '/p%C3%A4th?q="x"',
      method: 'POST',
      body: 'hello',
    });
    const line = await rig.router.logged(reply.headers['x-request-id'] as string);
    expect(line).to.include({
      app: 'logged',
      release: 'logged-3',
      host: 'logged.test',
      method: 'POST',
      path: '/p%C3%A4th?q="x"',
      status: 200,
      bytes: Buffer.byteLength(reply.body),
      fwd: '127.0.0.1',
      peer: `127.0.0.1:${one.port}`,
    });
    expect(line).to.not.have.property('code');
    expect(Date.parse(line.at)).to.be.closeTo(Date.now(), 10_000);
  });

  it('is healthy by its own check', async () => {
    expect(await rig.router.healthCommand()).to.equal(0);
    expect(await rig.router.health()).to.include({ applied: rig.controller.hub.table?.version, workers: 2 });
  });
});
