import { connect, type Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { NodeReport } from './node-report.ts';

export interface AgentOptions {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** The cluster's CA. Only a client with its certificate for the name `controller` is accepted. */
  readonly ca: Buffer;
  /** Path of the node's engine socket. */
  readonly socketPath: string;
  readonly report: () => Promise<NodeReport>;
}

/** Common name of the only accepted client. */
const CLIENT = 'controller';
const REPORT = Buffer.from('GET /_node ');
const LONGEST_HEAD = 16 * 1024;
const HANDSHAKE_MS = 10_000;
/** A controller that vanished without closing its connection is noticed after about twice this time. */
const KEEP_ALIVE_MS = 10_000;
const MOST_CONNECTIONS = 1_000;

/**
 * Proxies this node's engine to the controller. Each TLS 1.3 connection is forwarded byte for byte to the engine's
 * socket, so streams, hijacked and half-closed connections behave as if they were local. A connection whose first
 * request is `GET /_node` gets a report about the machine instead and is closed.
 */
export function createAgent(options: AgentOptions): Server {
  const { cert, key, ca } = options;
  const server = createServer(
    {
      cert,
      key,
      ca,
      minVersion: 'TLSv1.3',
      requestCert: true,
      rejectUnauthorized: true,
      handshakeTimeout: HANDSHAKE_MS,
      allowHalfOpen: true,
    },
    (client) => void serve(client, options),
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.on('tlsClientError', (_error, client) => client.destroy());
  return server;
}

async function serve(client: TLSSocket, { socketPath, report }: AgentOptions): Promise<void> {
  client.on('error', () => client.destroy());
  client.setKeepAlive(true, KEEP_ALIVE_MS);
  client.setNoDelay(true);
  if (!client.authorized || client.getPeerCertificate().subject?.CN !== CLIENT) return void client.destroy();
  const head = await firstBytes(client);
  if (head.subarray(0, REPORT.length).equals(REPORT)) return answer(client, await report());
  if (head.length > 0) client.unshift(head);
  join(client, connect({ path: socketPath }));
}

/**
 * Reads until the bytes differ from the agent's own request or contain its whole head; fewer if the client ends first.
 */
function firstBytes(client: Socket): Promise<Buffer> {
  return new Promise((resolve) => {
    let head: Buffer = Buffer.alloc(0);
    const settle = (): void => {
      client.off('readable', look).off('end', settle).off('close', settle);
      resolve(head);
    };
    const look = (): void => {
      for (let chunk = client.read() as Buffer | null; chunk; chunk = client.read() as Buffer | null)
        head = Buffer.concat([head, chunk]);
      const isReport = REPORT.subarray(0, head.length).equals(head.subarray(0, REPORT.length));
      if (!isReport || head.includes('\r\n\r\n') || head.length > LONGEST_HEAD) settle();
    };
    client.on('readable', look).once('end', settle).once('close', settle);
  });
}

function answer(client: Socket, report: NodeReport): void {
  const body = JSON.stringify(report);
  const head = [
    'HTTP/1.1 200 OK',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  client.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => client.destroySoon());
}

function join(client: Socket, engine: Socket): void {
  engine.on('error', () => client.destroy());
  client.on('close', () => engine.destroy());
  // The engine has closed, whatever the client still sends.
  engine.on('end', () => client.destroySoon());
  engine.on('close', () => client.destroySoon());
  client.pipe(engine);
  engine.pipe(client);
}
