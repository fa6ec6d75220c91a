import { once } from 'node:events';
import {
  Agent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { expect } from 'chai';
import { parseRouterLine } from '../../src/router/index.ts';
import { Rig, release, to } from '../fixtures/router/rig.ts';
import { waitUntil } from '../lab/command.ts';
import type { TestApp } from '../fixtures/router/test-app.ts';

interface Echo {
  readonly app: string;
  readonly url: string;
  readonly headers: Record<string, string>;
}

/** Written as it is, so that it may be what no HTTP library writes. */
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const get = (path: string, host: string, ...headers: string[]): Buffer =>
  bytes([`GET ${path} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...headers, '', ''].join('\r\n'));
const statusOf = (text: string): number => Number(/^HTTP\/1\.\d (\d+)/.exec(text)?.[1] ?? 0);
const idOf = (text: string): string => /^x-request-id: (\S+)/im.exec(text)?.[1] ?? '';

describe('router: what passes', function () {
  this.timeout(180_000);
  let rig: Rig;
  let echo: TestApp;
  const raws: Server[] = [];

  before(async () => {
    rig = await Rig.start();
    echo = await rig.app('echo');
  });
  after(async () => {
    for (const server of raws) server.close();
    await rig.stop();
  });

  /** A web process that answers every request with these bytes; `end`: and closes the connection. */
  async function rawApp(answer: string, end: boolean): Promise<{ peer: { host: string; port: number } }> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => (end ? socket.end(answer) : socket.write(answer)));
    });
    raws.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { peer: { host: '127.0.0.1', port: (server.address() as AddressInfo).port } };
  }

  const seenBy = (text: string): Echo => JSON.parse(/\{.*\}/s.exec(text)?.[0] ?? '{}') as Echo;

  describe('of a request', () => {
    before(() => rig.controller.route([to('echo.test', [release('echo-1', [echo])])]));

    it('are headers of every name that RFC 9110 allows', async () => {
      const names = ['api_key', '_under_', 'dotted.name', "!#$%&'*+.^`|~", 'X_Own', 'x_forwarded_fort'];
      const { headers } = seenBy(
        await rig.router.raw(get('/', 'echo.test', ...names.map((name, i) => `${name}: value ${i}`))),
      );
      expect(headers).to.include(Object.fromEntries(names.map((name, i) => [name.toLowerCase(), `value ${i}`])));
    });

    it('are no headers that an app could take for those of the router', async () => {
      const names = [
        ...['X_Forwarded_For', 'x_forwarded-FOR', 'X-Forwarded_For', 'X_FORWARDED_PROTO', 'X-Forwarded_Port'],
        ...[
          'X_Forwarded_Host',
          'X_Request_Id',
          'x-request_start',
          'X_Real_IP',
          'X-Cluster_Client_IP',
          'X_Original_URL',
        ],
        ...['Content_Length', 'Transfer_Encoding', 'Keep_Alive'],
      ];
      const text = await rig.router.raw(get('/', 'echo.test', ...names.map((name) => `${name}: forged`)));
      expect(statusOf(text)).to.equal(200);
      expect(Object.values(seenBy(text).headers)).to.not.include('forged');
    });

    it('are no headers whose names are not tokens, which it refuses and logs', async () => {
      const before = echo.requests.length;
      for (const name of ['X(Own)', 'Transfer-Encoding\xa0', 'X"Own', 'X,Forwarded,For', 'a/b', 'caf\xe9']) {
        const text = await rig.router.raw(get('/', 'echo.test', `${name}: 1`));
        expect(statusOf(text), name).to.equal(400);
        expect(text, name).to.include('H26').and.include('The name of a request header').and.not.include('nginx/');
        expect(await rig.router.logged(idOf(text)), name).to.include({ app: 'echo', code: 'H26', status: 400 });
      }
      expect(echo.requests.length).to.equal(before);
    });

    it('is the host of an absolute target, whatever the Host header says', async () => {
      const other = await rig.app('other');
      await rig.controller.route([
        to('echo.test', [release('echo-1', [echo])]),
        to('other.test', [release('other-1', [other])]),
      ]);
      for (const [target, host, app, seen] of [
        ['http://echo.test/x?y', 'other.test', 'echo', 'echo.test'],
        ['HTTP://Echo.test:8080/x?y', 'other.test', 'echo', 'Echo.test:8080'],
        ['http://echo.test/x?y', 'nobody.test', 'echo', 'echo.test'],
        ['/x?y', 'other.test', 'other', 'other.test'],
        ['/x?y', 'echo.test', 'echo', 'echo.test'],
      ] as const) {
        const text = await rig.router.raw(get(target, host));
        expect(seenBy(text), target).to.include({ app, url: '/x?y' });
        expect(seenBy(text).headers, target).to.include({ host: seen, 'x-forwarded-host': seen });
      }
      expect(statusOf(await rig.router.raw(get('http://nobody.test/', 'echo.test')))).to.equal(404);
    });

    it('is no announcement of trailers, which do not pass', async () => {
      const text = await rig.router.raw(get('/', 'echo.test', 'Trailer: X-Sum'));
      expect(seenBy(text).headers).to.not.have.property('trailer');
    });
  });

  it('refuses what nginx cannot read with a page of its own, and logs it', async () => {
    await rig.controller.route([to('echo.test', [release('echo-1', [echo])])]);
    for (const [what, request, status, says, logged] of [
      ['a % that is no escape', get('/sale-100%', 'echo.test'), 400, 'written as %25', { path: '/sale-100%' }],
      ['a long address', get(`/${'a'.repeat(40_000)}`, 'echo.test'), 414, 'too long', {}],
      [
        'a long header',
        get('/long', 'echo.test', `x: ${'a'.repeat(40_000)}`),
        431,
        'Cookies',
        { path: '/long', app: 'echo' },
      ],
      [
        'TRACE',
        bytes('TRACE /t HTTP/1.1\r\nHost: echo.test\r\n\r\n'),
        405,
        'TRACE',
        { path: '/t', app: 'echo', method: 'TRACE' },
      ],
      ['no HTTP', bytes('hello\r\n\r\n'), 400, 'not valid HTTP', {}],
      [
        'an unknown encoding',
        bytes('POST /e HTTP/1.1\r\nHost: echo.test\r\nTransfer-Encoding: gzip\r\n\r\n'),
        501,
        'only transfer encoding',
        { path: '/e', app: 'echo' },
      ],
    ] as const) {
      const text = await rig.router.raw(request);
      expect(statusOf(text), what).to.equal(status);
      expect(text, what).to.include('H26').and.include(says).and.not.include('<center>');
      expect(await rig.router.logged(idOf(text)), what).to.include({ code: 'H26', status, ...logged });
    }
  });

  it('has no address of its own in the way of an app', async () => {
    await rig.controller.route([to('echo.test', [release('echo-1', [echo])])]);
    for (const path of ['//refused', '/refused', '/@failure', '/router/poll'])
      expect(seenBy(await rig.router.raw(get(path, 'echo.test'))), path).to.include({ url: path });
  });

  describe('of a response', () => {
    const answers = async (host: string, answer: (path: string) => OutgoingHttpHeaders): Promise<void> => {
      const app = await rig.app(host, (request, response) => {
        response.writeHead(200, answer(request.url ?? '')).end(`of ${request.url}`);
      });
      await rig.controller.route([to(`${host}.test`, [release(`${host}-1`, [app])])]);
    };

    it('are 64 KB of headers', async () => {
      await answers('large', () => ({ 'x-one': 'a'.repeat(64 * 1024), 'x-two': 'b' }));
      const text = await rig.router.raw(get('/', 'large.test'));
      expect(statusOf(text)).to.equal(200);
      expect(text)
        .to.include('a'.repeat(64 * 1024))
        .and.include('x-two: b')
        .and.match(/of \/\r?\n?/);
    });

    it('are not headers beyond its limit, which it names', async () => {
      await answers('larger', () => ({ 'x-one': 'a'.repeat(100 * 1024) }));
      const text = await rig.router.raw(get('/', 'larger.test'));
      expect(statusOf(text)).to.equal(502);
      expect(text).to.include('H25').and.include('96 KB');
      expect(await rig.router.logged(idOf(text))).to.include({ app: 'larger', code: 'H25', status: 502 });
    });

    it('are no trailers, and no announcement of them', async () => {
      const app = await rig.app('trailers', (_request, response) => {
        response.writeHead(200, { trailer: 'x-sum' }).write('body');
        response.addTrailers({ 'x-sum': '1' });
        response.end();
      });
      await rig.controller.route([to('trailers.test', [release('trailers-1', [app])])]);
      const text = await rig.router.raw(get('/', 'trailers.test'));
      expect(statusOf(text)).to.equal(200);
      expect(text)
        .to.include('body')
        .and.not.match(/^(trailer|x-sum):/im);
    });

    it('are X-Accel headers, without effect', async () => {
      const accel = {
        'x-accel-redirect': '/secret',
        'x-accel-expires': '60',
        'x-accel-limit-rate': '1',
        'x-accel-buffering': 'yes',
        'x-accel-charset': 'koi8-r',
      };
      const targets: Record<string, string> = { '/failure': '@failure', '/stream': '@stream', '/refused': '//refused' };
      await answers('accel', (path) => ({ ...accel, 'x-accel-redirect': targets[path] ?? '/secret' }));
      for (const path of ['/', ...Object.keys(targets)]) {
        const reply = await rig.router.ask({ host: 'accel.test', path });
        expect(reply, path).to.include({ status: 200, body: `of ${path}` });
        expect(reply.headers, path).to.include({ ...accel, 'x-accel-redirect': targets[path] ?? '/secret' });
      }
    });

    for (const [what, answer, end] of [
      ['a header that is none', 'HTTP/1.1 200 OK\r\nno header\x01\r\n\r\n', false],
      ['a header that is cut off', 'HTTP/1.1 200 OK\r\nContent-Type: te', true],
    ] as const)
      it(`is not ${what}, which it names`, async () => {
        await rig.controller.route([to('broken.test', [release('broken-1', [await rawApp(answer, end)])])]);
        const text = await rig.router.raw(get('/', 'broken.test'));
        expect(statusOf(text)).to.equal(502);
        expect(text).to.include('H17');
        expect(await rig.router.logged(idOf(text))).to.include({ app: 'broken', code: 'H17', status: 502 });
      });

    it('is nothing of a process that does not speak HTTP', async () => {
      const redis = await rawApp("-ERR unknown command 'GET'\r\n", false);
      await rig.controller.route([to('redis.test', [release('redis-1', [redis])])]);
      const started = performance.now();
      const text = await rig.router.raw(get('/', 'redis.test'));
      expect(performance.now() - started).to.be.below(1_000);
      // nginx takes it for HTTP/0.9, whose responses have no headers.
      expect(text).to.include('H17').and.not.include('-ERR');
      const logged = async (): Promise<ReturnType<typeof parseRouterLine>> =>
        (await rig.router.output())
          .split('\n')
          .map(parseRouterLine)
          .find((line) => line?.app === 'redis');
      await waitUntil('it is logged', 5_000, async () => (await logged()) !== undefined);
      expect(await logged()).to.include({ code: 'H17', status: 502 });
    });
  });

  describe('of an interim response', () => {
    /** Ends only after a while, so that its final response is still to come when the interim one is refused. */
    const FINAL_MS = 300;
    let agent: Agent;

    beforeEach(async () => {
      agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const app = await rig.app('hints', (request, response) => {
        const final = (): void => void response.end(`final of ${request.url}`);
        if (request.url?.startsWith('/plain')) return final();
        if (request.url === '/processing') response.writeProcessing();
        else if (request.url === '/continue') response.writeContinue();
        else response.writeEarlyHints({ link: '</a.css>; rel=preload; as=style' });
        setTimeout(final, FINAL_MS);
      });
      await rig.controller.route([to('hints.test', [release('hints-1', [app])])]);
    });
    afterEach(() => agent.destroy());

    const ask = async (method: string, path: string): Promise<{ status: number; body: string; id: string }> => {
      const request: ClientRequest = httpRequest({
        ...{ host: '127.0.0.1', port: rig.router.port, agent, method, path },
        headers: { host: 'hints.test' },
      });
      request.end();
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      let body = '';
      for await (const text of response.setEncoding('utf8')) body += text as string;
      return { status: response.statusCode ?? 0, body, id: String(response.headers['x-request-id']) };
    };

    it('ends in an error within a second, named on the page and in the log', async () => {
      for (const path of ['/hints', '/processing', '/continue']) {
        const started = performance.now();
        const { status, body, id } = await ask('GET', path);
        expect(performance.now() - started, path).to.be.below(1_000);
        expect(status, path).to.equal(502);
        expect(body, path).to.include('H30').and.include('103 Early Hints').and.not.include('final');
        expect(await rig.router.logged(id), path).to.include({ app: 'hints', code: 'H30', status: 502, path });
        expect(await ask('GET', '/plain'), path).to.include({ status: 200, body: 'final of /plain' });
      }
    });

    it('ends the same way with a 101 that nobody asked for', async () => {
      const { peer } = await rawApp(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
        false,
      );
      await rig.controller.route([to('switch.test', [release('switch-1', [{ peer }])])]);
      const text = await rig.router.raw(get('/', 'switch.test'));
      expect(statusOf(text)).to.equal(502);
      expect(text).to.include('H30');
    });

    it('never gives its final response to another request', async () => {
      for (let round = 0; round < 5; round++) {
        for (const method of ['GET', 'HEAD', 'POST']) {
          expect((await ask(method, '/hints')).status, method).to.equal(502);
          const path = `/plain/${round}/${method}`;
          expect(await ask('GET', path), method).to.include({ status: 200, body: `final of ${path}` });
        }
      }
    });
  });

  it('says of an app without a web process that it has none', async () => {
    await rig.controller.route([to('worker.test', [release('worker-1', [])], { webless: true }), to('idle.test', [])]);
    for (const [host, title] of [
      ['worker.test', 'The app has no web process'],
      ['idle.test', 'The app is not running'],
    ] as const) {
      const page = await rig.router.ask({ host });
      expect(page.status, host).to.equal(503);
      expect(page.body, host).to.include(title).and.include('H14');
    }
  });
});
