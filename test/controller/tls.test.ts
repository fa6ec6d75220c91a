import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { selfSigned } from '../fixtures/router/self-signed.ts';
import { authorization, rig, type Rig } from './controller.ts';

const NAME = 'controller.test';

describe('the controller over TLS', () => {
  const identity = selfSigned(NAME);
  let rigged: Rig;
  let port: number;

  beforeEach(async () => {
    rigged = await rig({ tls: identity });
    await rigged.url();
    ({ port } = rigged.app.server.address() as AddressInfo);
  });
  afterEach(() => rigged.close());

  const trusting = (more: RequestOptions = {}): RequestOptions => ({
    host: '127.0.0.1',
    port,
    servername: NAME,
    ca: identity.cert,
    ...more,
  });

  async function answer(request: ReturnType<typeof httpsRequest>): Promise<{ status: number; body: string }> {
    const [response] = (await once(request.end(), 'response')) as [IncomingMessage];
    return { status: response.statusCode!, body: await text(response) };
  }

  it('answers a client that trusts its certificate, over a kept connection too', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (const path of ['/health', '/nowhere', '/health']) {
      const { status } = await answer(httpsRequest(trusting({ path, agent })));
      expect(status).to.equal(path === '/health' ? 200 : 404);
    }
    agent.destroy();
  });

  it('tells a router its address', async () => {
    const headers = { ...authorization('router'), 'content-type': 'application/json' };
    const poll = httpsRequest(trusting({ path: '/router/poll', method: 'POST', headers }));
    const [response] = (await once(poll.end('{"id":"r1","applied":0,"inFlight":{}}'), 'response')) as [IncomingMessage];
    expect(response.headers).to.include({ 'x-controller-address': '127.0.0.1' });
    response.destroy();
  });

  it('says nothing to plain HTTP, and serves on', async () => {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET /health HTTP/1.1\r\nhost: a\r\n\r\n'));
    const said = await text(socket);
    expect(said).to.not.match(/HTTP|status/);
    const plain = httpRequest({ host: '127.0.0.1', port, path: '/health' });
    expect(await answer(plain).catch((error: { code?: string }) => error.code)).to.match(/^(ECONNRESET|HPE_)/);
    expect(await answer(httpsRequest(trusting({ path: '/health' })))).to.include({ status: 200 });
  });

  it('refuses TLS 1.2', async () => {
    const refused = await answer(httpsRequest(trusting({ path: '/health', maxVersion: 'TLSv1.2' }))).catch(
      (error: { code?: string }) => error.code,
    );
    expect(refused).to.match(/^(ERR_SSL_|ECONNRESET|EPROTO)/);
  });

  it('answers malformed HTTP within TLS', async () => {
    const request = httpsRequest(trusting({ path: '/health', headers: { 'x-big': 'x'.repeat(100_000) } }));
    expect(await answer(request)).to.include({ status: 400 });
  });

  it('answers a refused upgrade to a WebSocket', async () => {
    const socket = new WebSocket(`wss://127.0.0.1:${port}/apps/shop/run/nowhere/attach`, {
      headers: authorization('admin'),
      agent: new Agent({ ca: identity.cert, servername: NAME }),
    });
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(response.statusCode).to.equal(404);
    expect(JSON.parse(await text(response))).to.include.keys('code');
  });
});
