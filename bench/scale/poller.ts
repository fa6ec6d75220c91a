import { Agent, request } from 'node:http';

/** A router that takes each table as soon as it comes. */
export class Poller {
  applied = 0;
  routes = 0;
  /** Size of the last table. */
  bytes = 0;
  readonly #life = new AbortController();
  readonly #agent = new Agent({ keepAlive: true });

  constructor(id: string, port: number, token: string) {
    void this.#poll(id, port, token);
  }

  stop(): void {
    this.#life.abort();
    this.#agent.destroy();
  }

  async #poll(id: string, port: number, token: string): Promise<void> {
    while (!this.#life.signal.aborted) {
      const table = await this.#once(port, token, JSON.stringify({ id, applied: this.applied, inFlight: {} })).catch(
        () => undefined,
      );
      if (!table) continue;
      const { version, routes } = JSON.parse(table.toString()) as { version: number; routes: unknown[] };
      this.applied = version;
      this.routes = routes.length;
      this.bytes = table.length;
    }
  }

  #once(port: number, token: string, body: string): Promise<Buffer | undefined> {
    return new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-length': body.length,
      };
      const call = request(
        {
          host: '127.0.0.1',
          port,
          method: 'POST',
          path: '/router/poll',
          headers,
          agent: this.#agent,
          signal: this.#life.signal,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
          response.on('end', () => resolve(response.statusCode === 200 ? Buffer.concat(chunks) : undefined));
        },
      );
      call.on('error', (error) => setTimeout(() => reject(error), 100));
      call.end(body);
    });
  }
}
