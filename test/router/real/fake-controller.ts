import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../../src/events/index.ts';
import { RouterHub, type Route, type RouterReport } from '../../../src/router/index.ts';

/** The token that the router is given in a file. */
export const TOKEN = 'a-token-for-tests';

/** The controller as a router sees it: the real hub behind `POST /router/poll`; all else is echoed. */
export class FakeController {
  hub = new RouterHub(systemClock);
  /** Polls that came without the right token. */
  refused = 0;
  #server: Server | undefined;
  #port = 0;

  get port(): number {
    return this.#port;
  }

  /** Starts on the port it had before, if any, with a hub that knows nothing: as after a restart. */
  async start(): Promise<this> {
    this.hub = new RouterHub(systemClock);
    this.#server = createServer((request, response) => void this.#answer(request, response));
    await new Promise<void>((resolve) => this.#server?.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  /** Puts routes in force and waits until the router serves them. */
  async route(routes: readonly Route[]): Promise<number> {
    const version = this.hub.publish(routes);
    await this.hub.acknowledged(version, { timeoutMs: 5_000 });
    return version;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/router/poll') return this.#poll(request, response);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ controller: true, url: request.url, host: request.headers.host }));
  }

  async #poll(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      this.refused += 1;
      response.writeHead(401).end();
      return;
    }
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const table = await this.hub.poll(JSON.parse(Buffer.concat(parts).toString()) as RouterReport, gone.signal);
    if (table) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(table));
    else response.writeHead(204).end();
  }
}
