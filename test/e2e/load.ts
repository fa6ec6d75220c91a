import { Agent, request } from 'node:http';
import { WebSocket } from 'ws';

export interface Place {
  readonly ip: string;
  readonly host: string;
}

export interface Loaded {
  readonly sent: number;
  /** What was asked and what went wrong, one line each. */
  readonly failures: readonly string[];
  /** Answers by release. */
  readonly releases: ReadonlyMap<string, number>;
  /** Of each request or session, the fastest first. */
  readonly latenciesMs: readonly number[];
}

/** A request must be answered within this time to count as served. */
const PATIENCE_MS = 20_000;

/**
 * Open-loop load on an app: a fixed number of requests a second, whether or not earlier ones were answered. GET and POST
 * over kept connections, and now and then a short WebSocket session.
 */
export class Load {
  readonly #place: Place;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #failures: string[] = [];
  readonly #releases = new Map<string, number>();
  readonly #open = new Set<Promise<void>>();
  #sent = 0;
  readonly #latencies: number[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(place: Place) {
    this.#place = place;
  }

  start(perSecond: number): this {
    const began = Date.now();
    this.#timer = setInterval(() => {
      // A timer that comes late is made up for: the rate is what was promised.
      while (this.#sent < ((Date.now() - began) / 1000) * perSecond) this.#fire(this.#sent++);
    }, 1000 / perSecond);
    return this;
  }

  /** Resolves once that many were sent. */
  async until(count: number): Promise<true> {
    while (this.#sent < count) await new Promise((resolve) => setTimeout(resolve, 100));
    return true;
  }

  async stop(): Promise<Loaded> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    this.#agent.destroy();
    const latenciesMs = this.#latencies.sort((a, b) => a - b);
    return { sent: this.#sent, failures: this.#failures, releases: this.#releases, latenciesMs };
  }

  #fire(n: number): void {
    const began = performance.now();
    const kind = n % 20 === 19 ? 'WebSocket' : n % 4 === 3 ? 'POST' : 'GET';
    const work = kind === 'WebSocket' ? this.#session(n) : this.#ask(n, kind);
    const done = work
      .then(
        () => undefined,
        (error: Error) => void this.#failures.push(`${new Date().toISOString()} ${kind} ${n}: ${error.message}`),
      )
      .finally(() => {
        this.#latencies.push(performance.now() - began);
        this.#open.delete(done);
      });
    this.#open.add(done);
  }

  #ask(n: number, method: 'GET' | 'POST'): Promise<void> {
    const body = method === 'POST' ? `body ${n} `.repeat(200) : undefined;
    return new Promise((resolve, reject) => {
      const call = request(
        {
          host: this.#place.ip,
          path: body ? '/echo' : '/',
          method,
          agent: this.#agent,
          timeout: PATIENCE_MS,
          headers: { host: this.#place.host, ...(body ? { 'content-length': String(body.length) } : {}) },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('error', reject).on('end', () => {
            const release = String(response.headers['x-release']);
            this.#releases.set(release, (this.#releases.get(release) ?? 0) + 1);
            if (response.statusCode !== 200)
              reject(new Error(`${response.statusCode} ${/\bH\d\d\b/.exec(text)?.[0] ?? text.slice(0, 80)}`));
            else if (body !== undefined && text !== body) reject(new Error('another body than was sent'));
            else resolve();
          });
        },
      );
      call.on('timeout', () => call.destroy(new Error('no response')));
      call.on('error', reject);
      call.end(body);
    });
  }

  /** Opens, says something, hears it back, closes. */
  #session(n: number): Promise<void> {
    const socket = new WebSocket(`ws://${this.#place.ip}/`, {
      headers: { host: this.#place.host },
      perMessageDeflate: false,
      handshakeTimeout: PATIENCE_MS,
    });
    return new Promise((resolve, reject) => {
      socket.on('error', reject);
      socket.on('open', () => socket.send(`session ${n}`));
      socket.on('message', (data: Buffer) => {
        if (data.toString() !== `session ${n}`) return reject(new Error('another message than was sent'));
        socket.close();
        resolve();
      });
      socket.on('close', () => reject(new Error('closed before it answered')));
    });
  }
}
