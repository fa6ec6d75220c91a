import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { expect } from 'chai';
import { WebSocket, WebSocketServer } from 'ws';
import { Rig, release, to } from '../fixtures/router/rig.ts';
import type { TestApp } from '../fixtures/router/test-app.ts';

const MB = 1024 * 1024;

/** The router of these tests gives an app 1 s instead of 30 s. */
const LIMIT_MS = 1_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('router: streams and limits', function () {
  this.timeout(180_000);
  let rig: Rig;

  before(async () => {
    rig = await Rig.start({ MOTHERSHIP_REQUEST_TIMEOUT: String(LIMIT_MS / 1000) });
  });
  after(() => rig.stop());

  const open = (
    host: string,
    options: { method?: string; path?: string; headers?: Record<string, string> } = {},
  ): ClientRequest =>
    httpRequest({
      host: '127.0.0.1',
      port: rig.router.port,
      agent: false,
      ...options,
      headers: { host, ...options.headers },
    });

  const answerOf = async (request: ClientRequest): Promise<IncomingMessage> =>
    ((await once(request, 'response')) as [IncomingMessage])[0];

  async function webSocketApp(name: string): Promise<TestApp> {
    const app = await rig.app(name);
    const sockets = new WebSocketServer({ server: app.server });
    sockets.on('connection', (socket) =>
      socket.on('message', (data) => socket.send(`${name}: ${(data as Buffer).toString()}`)),
    );
    return app;
  }

  async function say(socket: WebSocket, text: string): Promise<string> {
    socket.send(text);
    const [data] = (await once(socket, 'message')) as [Buffer];
    return data.toString();
  }

  it('keeps a WebSocket open over 50 tables, silence beyond the limit, and the end of its own route', async () => {
    const chat = await webSocketApp('chat');
    const other = await rig.app('other');
    const chatRoute = to('chat.test', [release('chat-1', [chat])]);
    await rig.controller.route([chatRoute]);
    const socket = new WebSocket(`ws://127.0.0.1:${rig.router.port}/`, { headers: { host: 'chat.test' } });
    await once(socket, 'open');
    for (let i = 0; i < 50; i++) {
      await rig.controller.route([chatRoute, to('other.test', [release(`other-${i}`, [other])])]);
      expect(await say(socket, `hello ${i}`)).to.equal(`chat: hello ${i}`);
    }
    await rig.controller.route([]);
    await pause(LIMIT_MS * 2);
    expect(await say(socket, 'still there')).to.equal('chat: still there');
    expect((await rig.router.health()).inFlight).to.deep.equal({ 'chat-1': 1 });
    socket.close();
    await once(socket, 'close');
  });

  it('passes any protocol upgrade, but not h2c', async () => {
    const app = await rig.app('upgrades');
    app.server.on('upgrade', (request: IncomingMessage, socket) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${request.headers.upgrade ?? ''}\r\n\r\n`,
      );
      socket.on('data', (data: Buffer) => socket.end(data.toString().toUpperCase()));
    });
    await rig.controller.route([to('upgrades.test', [release('upgrades-1', [app])])]);
    const socket = connect(rig.router.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: upgrades.test\r\nConnection: Upgrade\r\nUpgrade: own/1\r\n\r\n');
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(head.toString()).to.match(/^HTTP\/1\.1 101 .*upgrade: own\/1/is);
    socket.write('shout');
    const [body] = (await once(socket, 'data')) as [Buffer];
    expect(body.toString()).to.equal('SHOUT');
    const plain = await rig.router.raw(
      'GET / HTTP/1.1\r\nHost: upgrades.test\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n',
    );
    expect(plain)
      .to.match(/^HTTP\/1\.1 200 /)
      .and.not.include('"connection"');
  });

  it('gives an app the time limit to begin its answer, once, and then says H12', async () => {
    const slow = await rig.app('slow', () => {});
    const slower = await rig.app('slower', () => {});
    await rig.controller.route([to('slow.test', [release('slow-1', [slow, slower])])]);
    const started = performance.now();
    const reply = await rig.router.ask({ host: 'slow.test', headers: { accept: 'application/json' } });
    expect(performance.now() - started).to.be.within(LIMIT_MS, LIMIT_MS * 1.8);
    expect(reply.status).to.equal(504);
    expect(JSON.parse(reply.body)).to.include({ code: 'H12' });
    expect(slow.requests.length + slower.requests.length).to.equal(1);
  });

  it('passes server-sent events on at once and lets them be silent beyond the limit', async () => {
    let stream: ServerResponse | undefined;
    const app = await rig.app('events', (_request, response) => {
      stream = response.writeHead(200, { 'content-type': 'text/event-stream' });
      stream.write('data: 0\n\n');
    });
    await rig.controller.route([to('events.test', [release('events-1', [app])])]);
    const request = open('events.test', { headers: { accept: 'text/event-stream' } });
    request.end();
    const response = await answerOf(request);
    response.setEncoding('utf8');
    expect(await once(response, 'data')).to.deep.equal(['data: 0\n\n']);
    await pause(LIMIT_MS * 2);
    for (const n of [1, 2, 3]) {
      stream?.write(`data: ${n}\n\n`);
      expect(await once(response, 'data')).to.deep.equal([`data: ${n}\n\n`]);
    }
    request.destroy();
  });

  it('streams a large body to the app while it is sent, without a limit to its size', async () => {
    let seen = 0;
    const app = await rig.app('uploads', (request, response) => {
      const hash = createHash('sha256');
      request.on('data', (data: Buffer) => {
        seen += data.length;
        hash.update(data);
      });
      request.on('end', () => response.end(hash.digest('hex')));
    });
    await rig.controller.route([to('uploads.test', [release('uploads-1', [app])])]);
    const chunk = Buffer.alloc(MB, 'x');
    const digest = createHash('sha256')
      .update(Buffer.alloc(65 * MB, 'x'))
      .digest('hex');
    for (const headers of [{ 'transfer-encoding': 'chunked' }, { 'content-length': String(65 * MB) }]) {
      seen = 0;
      const request = open('uploads.test', { method: 'POST', headers });
      request.write(chunk);
      while (seen < MB) await pause(5);
      for (let i = 0; i < 64; i++) if (!request.write(chunk)) await once(request, 'drain');
      request.end();
      const response = await answerOf(request);
      expect((await once(response.setEncoding('utf8'), 'data'))[0]).to.equal(digest);
    }
  });

  it('streams a large answer byte for byte, to a slow reader too', async () => {
    const content = Buffer.alloc(32 * MB, 'mothership ');
    const app = await rig.app('downloads', (_request, response) => response.end(content));
    await rig.controller.route([to('downloads.test', [release('downloads-1', [app])])]);
    const request = open('downloads.test');
    request.end();
    const response = await answerOf(request);
    await pause(LIMIT_MS * 2);
    const hash = createHash('sha256');
    for await (const data of response) hash.update(data as Buffer);
    expect(hash.digest('hex')).to.equal(createHash('sha256').update(content).digest('hex'));
  });

  it('counts what is in flight until it ends, however it ends', async () => {
    const chat = await webSocketApp('chat');
    const held: ServerResponse[] = [];
    const hold = await rig.app('hold', (_request, response) => void held.push(response));
    const dead = await rig.dead();
    await rig.controller.route([
      to('chat.test', [release('chat-2', [chat])]),
      to('hold.test', [release('hold-1', [hold])]),
      to('retry.test', [release('retry-1', [dead, hold])]),
      to('dead.test', [release('dead-1', [dead])]),
    ]);
    const stop = rig.controller.hub.draining('any');
    const counts = (): Record<string, number> =>
      Object.fromEntries(['chat-2', 'hold-1', 'retry-1', 'dead-1'].map((id) => [id, rig.controller.hub.inFlight(id)]));
    const until = async (wanted: Record<string, number>): Promise<void> => {
      for (let i = 0; i < 40 && JSON.stringify(counts()) !== JSON.stringify(wanted); i++) await pause(50);
      expect(counts()).to.deep.equal(wanted);
    };
    const requests = [...Array(6).fill('hold.test'), ...Array(4).fill('retry.test')].map((host: string) => {
      const request = open(host);
      request.on('error', () => {});
      request.end();
      return request;
    });
    const sockets = [1, 2].map(
      () => new WebSocket(`ws://127.0.0.1:${rig.router.port}/`, { headers: { host: 'chat.test' } }),
    );
    await Promise.all(sockets.map((socket) => once(socket, 'open')));
    await Promise.all([1, 2, 3].map(() => rig.router.ask({ host: 'dead.test' })));
    await until({ 'chat-2': 2, 'hold-1': 6, 'retry-1': 4, 'dead-1': 0 });
    requests.slice(0, 3).forEach((request) => request.destroy());
    sockets[0]?.terminate();
    await until({ 'chat-2': 1, 'hold-1': 3, 'retry-1': 4, 'dead-1': 0 });
    held.forEach((response) => response.end());
    sockets[1]?.close();
    await until({ 'chat-2': 0, 'hold-1': 0, 'retry-1': 0, 'dead-1': 0 });
    stop();
  });
});
