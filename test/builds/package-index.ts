import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What an index has: bytes by path, or made when asked for, knowing the index's own address. */
export type Shelf = Readonly<Record<string, Buffer | string | ((url: string) => string)>>;

/** Indexes of several languages on one HTTP server, without a program behind them. It remembers what was asked for. */
export class PackageIndex {
  readonly requests: string[] = [];
  readonly #shelf: Shelf;
  readonly #server: Server;
  #host = '';

  private constructor(shelf: Shelf) {
    this.#shelf = shelf;
    this.#server = createServer((request, response) => {
      const path = decodeURIComponent((request.url ?? '').split('?')[0] ?? '');
      this.requests.push(path);
      const found = this.#shelf[path];
      const content = typeof found === 'function' ? found(this.url) : found;
      response.writeHead(content === undefined ? 404 : 200, {
        'content-type': path.endsWith('/') ? 'text/html' : 'application/octet-stream',
      });
      response.end(request.method === 'HEAD' ? undefined : (content ?? 'There is no such package.'));
    });
  }

  /** `host`: the address of this machine where builds look for it. */
  static async start(host: string, shelf: Shelf): Promise<PackageIndex> {
    const index = new PackageIndex(shelf);
    index.#host = host;
    await new Promise<void>((resolve) => index.#server.listen(0, host, resolve));
    return index;
  }

  /** Without a slash at the end. */
  get url(): string {
    return `http://${this.#host}:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
