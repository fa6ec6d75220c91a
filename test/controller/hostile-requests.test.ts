import { expect } from 'chai';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { json } from 'node:stream/consumers';
import { contract, routes, type RouteInfo, type RouteName, type RouteSchemas } from '../../src/api/index.ts';
import { eventually } from '../eventually.ts';
import { threadCpu } from '../thread-cpu.ts';
import { authorization, furnish, pathOf, rig, samples, type Furniture, type Identity, type Rig } from './controller.ts';

/** For one request on the event loop, as for the fuzzed inputs. */
const HELD_MS = 50;

const IDS = [
  '..%2f..%2f..%2fetc%2fpasswd',
  '%00',
  'a%0d%0aset-cookie:%20x=1',
  '%E2%80%AEshop',
  '%F0%9F%9A%80',
  '%D1%88%D0%BE%D0%BF',
  '__proto__',
  'constructor',
  'toString',
  '-1',
  '99999999999999999999',
  '*',
  '@',
  'x'.repeat(253),
  '%ED%A0%80',
  '{{.Task.Name}}',
  '$(id)',
];
/** Keys that every object has, and values that no user should send. */
const BODIES: readonly unknown[] = [
  JSON.parse('{"constructor":{"prototype":{"polluted":1}}}'),
  { set: { constructor: 'x', toString: 'y', valueOf: '' }, unset: ['hasOwnProperty', 'constructor'] },
  { updates: [{ type: 'constructor', quantity: 1 }, { type: '__proto__' }] },
  { command: ['x'], env: { constructor: 'y', toString: '' }, type: 'constructor' },
  { env: { constructor: 'x', toString: null }, labels: { constructor: 'x', toString: null } },
  { name: '\u202eshop', domain: '\u202ewww.example.com', stack: '__proto__', image: '../../info', target: '__proto__' },
  { name: 'ｓｈｏｐ', domain: 'xn--\u0000.example.com', stack: 'constructor', image: 'a b\r\nX: y', target: '*' },
  { name: 'a'.repeat(100_000), domain: 'a.'.repeat(100_000), image: 'x'.repeat(499), target: '{{.ID}}' },
  { name: '\ud800', domain: '\ud800.com', buildpack: 'https://user:pw@x/\u202e', action: 'add', ps: '\ud800' },
  { action: 'set', buildpack: 'https://169.254.169.254/x.tgz#../..', index: 1e300, version: 1e300 },
  { source: { root: '../..', watch: ['**/'.repeat(60)] }, maintenance: 'yes', path: '../../etc/shadow' },
  { columns: 1e308, rows: -1, tty: 'x', command: ['\ud800', ''], type: 'web' },
  null,
  [],
  'x',
  7,
];

describe('a hostile user', function () {
  this.timeout(120_000);
  let rigged: Rig;
  let furniture: Furniture;
  beforeEach(async () => {
    rigged = await rig();
    furniture = await furnish(rigged);
  });
  afterEach(() => rigged.close());

  const send = (name: RouteName, identity: Identity, url: string, body?: unknown) =>
    rigged.world.clock.passUntil(
      rigged.app.inject({
        method: routes[name].method,
        url,
        headers: { ...authorization(identity), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      }),
    );
  const names = (Object.keys(routes) as RouteName[]).filter((name) => !(routes[name] as RouteInfo).upload);

  for (const identity of ['deployer', 'member', 'admin'] as const)
    it(`finds nothing with forged ids as ${identity}`, async () => {
      for (const name of names) {
        const keys = [...routes[name].path.matchAll(/:(\w+)/g)].map(([, key]) => key!);
        for (const key of keys)
          for (const id of IDS) {
            const url = pathOf(name, { ...furniture, [key]: 'FORGED' }).replace('FORGED', id);
            const answer = await send(name, identity, url, samples[name].body);
            expect(answer.statusCode, `${name} ${url}: ${answer.body}`).to.be.within(400, 499);
            expect(answer.headers['set-cookie'], url).to.equal(undefined);
          }
      }
    });

  it('breaks nothing with keys and values that no user should send', async () => {
    for (const name of names.filter((each) => (contract[each] as RouteSchemas).body && each !== 'routerPoll'))
      for (const body of BODIES) {
        const answer = await send(name, 'admin', pathOf(name, furniture), body);
        expect(answer.statusCode, `${name} ${JSON.stringify(body)}: ${answer.body}`).to.be.below(500);
      }
    for (const app of await rigged.platform.apps.list()) expect(app.name).to.match(/^[a-z][a-z0-9-]+$/);
    expect(({} as { polluted?: number }).polluted).to.equal(undefined);
  });

  const many = (value: string): string => `[${Array.from({ length: 9990 }, () => value).join(',')}]`;
  const full = (text: string): string => text.repeat((4 * 2 ** 20 - 100) / text.length);
  const costly: [string, RouteName, string, number][] = [
    ['two million wrong values', 'configUpdate', `{"unset":[${full('0,')}0]}`, 400],
    ['values beyond number in depth', 'configUpdate', full('['), 400],
    ['objects beyond number', 'formationUpdate', `{"updates":[${full('{},')}{}]}`, 400],
    ['as many wrong values as there may be', 'configUpdate', `{"unset":${many('0')}}`, 400],
    ['as many wrong objects as there may be', 'formationUpdate', `{"updates":${many('{}')}}`, 400],
    ['as many wrong words as there may be', 'runCreate', `{"command":${many('"\\u0000"')}}`, 400],
    [
      'as many wrong variables as there may be',
      'runCreate',
      `{"command":["x"],"env":{${Array.from({ length: 9990 }, (_, n) => `"=${n}":0`).join(',')}}}`,
      400,
    ],
    ['quotes and backslashes', 'configUpdate', `{"set":{"A":"${full('\\"')}"}}`, 413],
    ['a domain of megabytes', 'domainsAdd', `{"domain":"${full('ü').slice(0, 2 ** 21 - 100)}"}`, 422],
    [
      'a domain of many different characters',
      'domainsAdd',
      `{"domain":"${Array.from({ length: 1_300_000 }, (_, n) => String.fromCodePoint(0x4e00 + (n % 20_000))).join('')}.com"}`,
      422,
    ],
    ['a name of megabytes', 'appsCreate', `{"name":"${full('\\u202e')}"}`, 422],
    ['a path of megabytes', 'appsUpdate', `{"source":{"root":"${full('a/')}"}}`, 422],
  ];
  for (const [what, name, body, status] of costly)
    it(`does not hold the event loop with ${what}`, async () => {
      const headers = { ...authorization('member'), 'content-type': 'application/json' };
      const post = () =>
        rigged.app.inject({ method: routes[name].method, url: pathOf(name, furniture), headers, payload: body });
      await post();
      const before = threadCpu();
      const answer = await post();
      expect(threadCpu() - before).to.be.lessThan(HELD_MS);
      expect(answer.statusCode, answer.body.slice(0, 200)).to.equal(status);
    });

  it('does not hold the event loop with an answer about 200,000 files', () => {
    const digests = Array.from({ length: 200_000 }, (_, n) => n.toString(16).padStart(64, '0'));
    const answer = { source: digests[0]!, missing: digests };
    const before = threadCpu();
    expect(contract.sourcesCreate.response.parse(answer).missing).to.have.length(200_000);
    expect(threadCpu() - before).to.be.lessThan(HELD_MS);
  });

  const open = async (path: string, headers: Record<string, string>, identity: Identity = 'deployer') => {
    const sent = httpRequest(`${await rigged.url()}${path}`, {
      method: 'POST',
      headers: { ...(authorization(identity) as Record<string, string>), ...headers },
    });
    const answer = new Promise<{ status: number | undefined; code: string | undefined }>((resolve, reject) => {
      sent.once('error', reject);
      sent.once(
        'response',
        (response: IncomingMessage) =>
          void json(response).then(
            (body) => resolve({ status: response.statusCode, code: (body as { code?: string }).code }),
            reject,
          ),
      );
    });
    answer.catch(() => undefined);
    return { sent, answer };
  };

  it('has a minute to send a JSON body, however slowly', async () => {
    const { sent } = await open(`/operations/${furniture.operation}/cancel`, {
      'content-type': 'application/json',
      'content-length': '100',
    });
    const sleeping = rigged.world.clock.sleeping;
    sent.write('{');
    await eventually('the request', () => rigged.world.clock.sleeping > sleeping);
    const cut = once(sent, 'error');
    await rigged.world.clock.advance(59_000);
    sent.write(' ');
    expect(sent.destroyed).to.equal(false);
    await rigged.world.clock.advance(1_000);
    expect(((await cut) as [NodeJS.ErrnoException])[0].code).to.equal('ECONNRESET');
  });

  it('waits for longer than a minute for what takes longer, also without a body', async () => {
    const { clock, store } = rigged.world;
    let isAsked = false;
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const { clear } = rigged.platform.domains;
    rigged.platform.domains.clear = async (...given) => {
      isAsked = true;
      await held;
      return clear(...given);
    };
    const sent = httpRequest(`${await rigged.url()}/apps/shop/domains`, {
      method: 'DELETE',
      headers: authorization('member') as Record<string, string>,
    });
    const answer = once(sent, 'response') as Promise<[IncomingMessage]>;
    sent.end();
    await eventually('the request', () => isAsked);
    await clock.advance(61_000);
    goOn();
    expect((await answer)[0].statusCode).to.equal(200);
    expect((await store.apps.get('shop')).domains).to.deep.equal([]);
  });

  it('has five sources of an app under way, manifests and tests included, and their places are free again', async () => {
    const offer = () => open('/apps/shop/sources', { 'content-type': 'application/gzip' });
    const offers = await Promise.all(Array.from({ length: 5 }, offer));
    for (const { sent } of offers) sent.write(Buffer.from([0x1f, 0x8b]));
    await eventually('the manifests', () => rigged.calls.filter((call) => call === 'builds.offer').length === 5);
    for (const [path, identity] of [
      ['/apps/shop/sources', 'deployer'],
      ['/apps/shop/builds', 'deployer'],
      ['/apps/shop/tests', 'member'],
    ] as const) {
      const { sent, answer } = await open(path, { 'content-type': 'application/gzip' }, identity);
      sent.write('x');
      expect(await answer, path).to.deep.equal({ status: 409, code: 'BUILDS_TOO_MANY' });
      sent.destroy();
    }
    for (const { sent } of offers) sent.end();
    for (const { answer } of offers) expect(await answer).to.deep.equal({ status: 422, code: 'ARCHIVE_INVALID' });
    const { sent, answer } = await offer();
    sent.end('x');
    expect((await answer).code).to.equal('ARCHIVE_INVALID');
  });

  it('leaves nothing behind with uploads that are refused', async () => {
    const before = rigged.world.clock.sleeping;
    for (let n = 0; n < 5; n += 1) {
      const { sent, answer } = await open('/apps/nowhere/builds', { 'content-type': 'application/gzip' }, 'member');
      sent.end('x');
      expect((await answer).code).to.equal('APP_NOT_FOUND');
    }
    await eventually('quiet', () => rigged.world.clock.sleeping <= before);
  });

  it('cannot keep a connection by asking for an upgrade that is none', async () => {
    const { authorization: token } = authorization('deployer');
    for (const line of [
      'POST /apps/shop/builds',
      `POST /operations/${furniture.operation}/cancel`,
      'PATCH /apps/shop',
    ]) {
      const socket = connect(Number(new URL(await rigged.url()).port), '127.0.0.1');
      socket.write(
        `${line} HTTP/1.1\r\nHost: x\r\nAuthorization: ${token}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          'Content-Type: application/gzip\r\nContent-Length: 100\r\n\r\nx',
      );
      let answer = '';
      for await (const chunk of socket) answer += String(chunk);
      expect(answer, line).to.match(/^HTTP\/1\.1 4\d\d /);
    }
  });
});
