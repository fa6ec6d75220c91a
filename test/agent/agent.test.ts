import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { nodeReport } from '../../src/agent/index.ts';
import { createAgent } from '../../src/agent/agent.ts';
import { eventually } from '../eventually.ts';
import { authority, type Authority, type KeyPair } from './certificates.ts';

/** Stands for an engine: what it does is what a test gives. */
interface Engine {
  readonly server: Server;
  readonly connections: Set<Socket>;
}

describe('the agent', () => {
  let trust: Authority;
  let controller: KeyPair;
  let folder: string;
  let engine: Engine;
  let agent: ReturnType<typeof createAgent>;

  before(async () => {
    trust = authority();
    controller = trust.issue('controller', 'controller.mothership.internal');
    folder = await mkdtemp(join(tmpdir(), 'agent-'));
    engine = await listen(join(folder, 'engine.sock'));
    agent = createAgent({
      ...trust.issue('agent', 'agent.mothership.internal'),
      ca: trust.ca,
      socketPath: join(folder, 'engine.sock'),
      report: nodeReport,
    });
    agent.listen(0, '127.0.0.1');
    await once(agent, 'listening');
  });
  after(async () => {
    agent.close();
    engine.server.close();
    trust.remove();
    await rm(folder, { recursive: true });
  });

  const dial = async (identity: ConnectionOptions = controller): Promise<TLSSocket> => {
    const { port } = agent.address() as AddressInfo;
    const socket = connect({
      host: '127.0.0.1',
      port,
      ca: trust.ca,
      servername: 'agent.mothership.internal',
      ...identity,
    } as ConnectionOptions);
    await once(socket, 'secureConnect');
    return socket;
  };

  const request = async (words: string, identity?: ConnectionOptions): Promise<string> => {
    const socket = await dial(identity);
    socket.write(words);
    const answer = await text(socket);
    socket.destroy();
    return answer;
  };

  it('tells the state of its machine', async () => {
    const answer = await request('GET /_node HTTP/1.1\r\nhost: node\r\n\r\n');
    const report = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as Awaited<ReturnType<typeof nodeReport>>;
    expect(report.disk.total).to.be.greaterThan(report.disk.free).and.to.be.greaterThan(1e6);
    expect(report.memory.total).to.be.greaterThan(report.memory.available);
    expect(report.load).to.have.length(3);
    expect(report.uptime).to.be.greaterThan(0);
  });

  it('does so when the words come one by one', async () => {
    const socket = await dial();
    for (const byte of 'GET /_node HTTP/1.1\r\n\r\n') {
      // Each write that is awaited is a TLS record of its own.
      await new Promise((resolve) => socket.write(byte, resolve));
    }
    expect(await text(socket)).to.match(/^HTTP\/1.1 200 OK/);
  });

  it('hands everything else to the engine, many requests over one connection too', async () => {
    const ask = 'GET /echo HTTP/1.1\r\nhost: e\r\n\r\n';
    const answer = await request(ask + ask + 'GET /echo HTTP/1.1\r\nhost: e\r\nconnection: close\r\n\r\n');
    expect(answer.match(/you asked for \/echo/g)).to.have.length(3);
  });

  it('carries large bodies both ways without a change', async () => {
    const size = 64 * 1024 * 1024;
    const socket = await dial();
    socket.write(`POST /count HTTP/1.1\r\nhost: e\r\nconnection: close\r\ncontent-length: ${size}\r\n\r\n`);
    const chunk = Buffer.alloc(256 * 1024, 'x');
    const answer = text(socket);
    for (let sent = 0; sent < size; sent += chunk.length) if (!socket.write(chunk)) await once(socket, 'drain');
    expect(await answer).to.include(`got ${size}`);
    const down = await dial();
    down.write(`GET /zeros/${size} HTTP/1.1\r\nhost: e\r\nconnection: close\r\n\r\n`);
    let received = 0;
    for await (const part of down) received += (part as Buffer).length;
    expect(received)
      .to.be.greaterThan(size)
      .and.lessThan(size + 1000);
  });

  it('carries upgraded connections with an end of input of their own', async () => {
    const socket = await dial();
    socket.write('POST /shout HTTP/1.1\r\nhost: e\r\nconnection: Upgrade\r\nupgrade: tcp\r\n\r\n');
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(head.toString()).to.match(/^HTTP\/1.1 101/);
    socket.write('hello ');
    socket.end('world');
    expect(await text(socket)).to.equal('HELLO WORLD, over');
  });

  it("ends the engine's connection when the client goes away, and the client's when the engine does", async () => {
    const socket = await dial();
    socket.write('GET /never HTTP/1.1\r\nhost: e\r\n\r\n');
    await eventually('a connection to the engine', () => engine.connections.size === 1);
    socket.destroy();
    await eventually('its end', () => engine.connections.size === 0);
    const other = await dial();
    other.on('error', () => undefined);
    other.write('GET /never HTTP/1.1\r\nhost: e\r\n\r\n');
    await eventually('a connection to the engine', () => engine.connections.size === 1);
    for (const connection of engine.connections) connection.destroy();
    await text(other).catch(() => '');
    expect(other.readableEnded || other.destroyed).to.equal(true);
  });

  const ECHO = 'GET /echo HTTP/1.1\r\nhost: e\r\nconnection: close\r\n\r\n';
  const isRefused = async (identity: ConnectionOptions): Promise<void> => {
    const answer = await request(ECHO, identity).catch((error: NodeJS.ErrnoException) => error);
    if (typeof answer === 'string') expect(answer).to.equal('');
    expect(engine.connections.size).to.equal(0);
  };

  it('refuses who shows no certificate', () => isRefused({}));
  it('refuses a certificate of another authority', async () => {
    const other = authority();
    await isRefused(other.issue('controller')).finally(other.remove);
  });
  it('refuses another name of the same authority, its own too', async () => {
    for (const name of ['agent', 'registry', 'Controller', 'controller.evil'])
      await isRefused(trust.issue(name, 'controller'));
  });
  it('refuses older TLS', () => isRefused({ ...controller, maxVersion: 'TLSv1.2' }));
  it('still answers after all that', async () => expect(await request(ECHO)).to.include('you asked for /echo'));
});

async function listen(path: string): Promise<Engine> {
  const connections = new Set<Socket>();
  const server = createServer({ keepAliveTimeout: 1000 }, (request, response) => {
    if (request.url === '/count') {
      let got = 0;
      request.on('data', (chunk: Buffer) => (got += chunk.length)).on('end', () => response.end(`got ${got}`));
    } else if (request.url?.startsWith('/zeros/')) {
      const size = Number(request.url.slice(7));
      response.writeHead(200, { 'content-length': size });
      const chunk = Buffer.alloc(1024 * 1024);
      const push = (left: number): void => {
        if (left <= 0) return void response.end();
        response.write(chunk.subarray(0, Math.min(left, chunk.length)), () => push(left - chunk.length));
      };
      push(size);
    } else if (request.url !== '/never') response.end(`you asked for ${request.url}`);
  });
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('upgrade', (_request, socket: Socket) => {
    socket.write('HTTP/1.1 101 UPGRADED\r\nconnection: Upgrade\r\nupgrade: tcp\r\n\r\n');
    let said = '';
    socket
      .on('data', (chunk: Buffer) => (said += chunk.toString()))
      .on('end', () => socket.end(`${said.toUpperCase()}, over`));
  });
  server.listen(path);
  await once(server, 'listening');
  return { server, connections };
}
