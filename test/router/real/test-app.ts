import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A web process on the loopback address that counts what reaches it. */
export class TestApp {
  readonly name: string;
  readonly requests: IncomingMessage[] = [];
  connections = 0;
  readonly server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(name: string, listener?: RequestListener) {
    this.name = name;
    this.server = createServer((request, response) => {
      this.requests.push(request);
      (listener ?? this.#echo)(request, response);
    });
    this.server.on('connection', (socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** What the route table needs of it. */
  get peer(): { host: string; port: number } {
    return { host: '127.0.0.1', port: this.port };
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  /** At once, as when a task is killed. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #echo = (request: IncomingMessage, response: ServerResponse): void => {
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ app: this.name, method: request.method, url: request.url, headers: request.headers }),
    );
  };
}

/** A port where nobody listens. */
export async function closedPort(): Promise<number> {
  const app = await new TestApp('closed').start();
  const { port } = app;
  await app.stop();
  return port;
}
