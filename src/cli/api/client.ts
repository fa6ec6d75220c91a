import { once } from 'node:events';
import { MiB } from '#values/size.ts';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Body, Query, Response } from '#api/contract.ts';
import { routes, type RouteInfo, type RouteName } from '#api/routes.ts';
import { fail, fromBody, isMothershipError, type ErrorBody } from '#errors';
import { isLoss, isPassing } from './connection-errors.ts';
import { Exchanges, type AnyInput, type ApiOptions } from './exchanges.ts';
import { readJsonLines } from './ndjson.ts';

type Keys<P extends string> = P extends `${string}:${infer K}/${infer Rest}`
  ? K | Keys<Rest>
  : P extends `${string}:${infer K}`
    ? K
    : never;
/** Parameters of a route's path. */
type Params<N extends RouteName> = Record<Keys<(typeof routes)[N]['path']>, string>;
type Optional<K extends string, T> = [T] extends [undefined]
  ? { readonly [P in K]?: undefined }
  : { readonly [P in K]?: T };

export type Input<N extends RouteName> = { readonly params?: Params<N>; readonly signal?: AbortSignal } & Optional<
  'query',
  Query<N>
> &
  Optional<'body', Body<N>>;

interface Following<N extends RouteName> {
  /** What the connection is for, for the error. */
  readonly what: string;
  /** Returns the input that continues after the last line received. */
  readonly resume: (last: Response<N> | undefined) => Input<N>;
  /** Also retry if the first attempt fails. */
  readonly patient?: boolean;
}

const RETRY_PAUSES = [300, 1_000, 2_000, 4_000];
/** How long to retry an interrupted stream. */
const REATTACH_FOR = 60_000;

/**
 * Client for the controller's API, typed by the contract. Throws the controller's errors, CONTROLLER_UNREACHABLE or
 * CONTROLLER_STRANGE.
 */
export class ApiClient {
  /** The last of each route. */
  readonly #answers = new Map<RouteName, unknown>();
  readonly #exchanges: Exchanges;

  constructor(private readonly options: ApiOptions) {
    this.#exchanges = new Exchanges(options);
  }

  /**
   * Sends one request and returns its JSON response. While a controller is being moved, retries reads always, and
   * changes if nothing was done.
   */
  async call<N extends RouteName>(name: N, input: Input<N> = {} as Input<N>): Promise<Response<N>> {
    const isRead = routes[name].method === 'GET';
    for (const pause of [...RETRY_PAUSES, undefined]) {
      try {
        return this.#noted(name, await this.#exchanges.json(await this.#exchanges.send(name, input as AnyInput)));
      } catch (error) {
        if (pause === undefined || !(isRead ? isPassing(error) : isMothershipError(error, 'QUORUM_LOST'))) throw error;
        await this.options.clock.sleep(pause);
      }
    }
    throw fail('CONTROLLER_UNREACHABLE', { url: this.options.url, why: 'no response' });
  }

  /** Yields the lines of an `ndjson` route. Ends when the server ends it, throws when the connection breaks. */
  async *stream<N extends RouteName>(name: N, input: Input<N>): AsyncGenerator<Response<N>> {
    const response = await this.#exchanges.send(name, input as AnyInput);
    try {
      for await (const line of readJsonLines<Response<N>>(response)) yield this.#noted(name, refuseFailure(line));
    } catch (error) {
      throw this.#exchanges.unreachable(error);
    } finally {
      response.destroy();
    }
  }

  /** Like `stream`, but reconnects for up to a minute when the connection breaks; then throws CONNECTION_LOST. */
  async *follow<N extends RouteName>(
    name: N,
    { what, resume, patient = false }: Following<N>,
  ): AsyncGenerator<Response<N>> {
    let last: Response<N> | undefined;
    let brokenSince: number | undefined;
    for (let attempt = 0; ; attempt++) {
      try {
        for await (const line of this.stream(name, resume(last))) {
          last = line;
          brokenSince = undefined;
          attempt = 0;
          yield line;
        }
        return;
      } catch (error) {
        const first = attempt === 0 && last === undefined;
        if (!isLoss(error) || (first && !patient)) throw error;
        const now = this.options.clock.now();
        brokenSince ??= now;
        if (now - brokenSince >= REATTACH_FOR)
          throw fail('CONNECTION_LOST', { what, seconds: REATTACH_FOR / 1000 }, error);
        await this.options.clock.sleep(Math.min(200 * 2 ** attempt, 5_000), resume(last).signal);
      }
    }
  }

  /** Uploads a body of another media type. An early response (too large, unknown app) stops the upload. */
  async upload<N extends RouteName>(name: N, input: Omit<Input<N>, 'body'>, source: Readable): Promise<Response<N>> {
    const abort = new AbortController();
    let sent: Promise<unknown> | undefined;
    try {
      const type = (routes[name] as RouteInfo).upload ?? 'application/octet-stream';
      const response = await this.#exchanges.open(name, input as AnyInput, { 'content-type': type }, (request) => {
        sent = pipeline(source, request, { signal: abort.signal }).catch((error: unknown) => error);
      });
      return this.#noted(name, await this.#exchanges.json(await this.#exchanges.checked(response)));
    } catch (error) {
      // If the source fails, its error is the one to report.
      abort.abort();
      const reason = await sent;
      throw isMothershipError(reason) ? reason : error;
    } finally {
      abort.abort();
      source.destroy();
    }
  }

  /** Returns the response of a `download` route. */
  async download<N extends RouteName>(name: N, input: Input<N>): Promise<IncomingMessage> {
    return this.#exchanges.send(name, input as AnyInput);
  }

  /** Opens the WebSocket of a `socket` route, paused. */
  async socket<N extends RouteName>(name: N, params: Params<N>, query: object = {}): Promise<import('ws').WebSocket> {
    const { WebSocket } = await import('ws');
    const url = this.#exchanges.url(name, { params, query });
    url.protocol = url.protocol.replace('http', 'ws');
    const socket = new WebSocket(url, {
      headers: this.#exchanges.headers(),
      lookup: this.#exchanges.lookup as never,
      maxPayload: 16 * MiB,
      perMessageDeflate: false,
    });
    // Nothing may arrive before a listener is attached.
    socket.once('open', () => socket.pause());
    const refused = new Promise<never>((_resolve, reject) => {
      socket.once('unexpected-response', (_request, response: IncomingMessage) => {
        this.#exchanges
          .checked(response)
          .then(
            () => reject(fail('CONTROLLER_STRANGE', { url: this.options.url, status: response.statusCode ?? 0 })),
            reject,
          );
      });
      socket.once('error', (error) => reject(this.#exchanges.unreachable(error)));
    });
    refused.catch(() => undefined);
    await Promise.race([once(socket, 'open'), refused]);
    return socket;
  }

  /**
   * Returns an error if an answer had another shape than the contract says, for a command that stumbled over something.
   * Checked only then: loading the validator takes longer than most commands.
   */
  async mismatch(): Promise<Error | undefined> {
    const { contract } = await import('#api/contract.ts');
    const strange = [...this.#answers].some(([name, answer]) => !contract[name].response.safeParse(answer).success);
    return strange ? fail('CONTROLLER_MISMATCHED', { url: this.options.url }) : undefined;
  }

  close(): void {
    this.#exchanges.close();
  }

  #noted<N extends RouteName>(name: N, answer: unknown): Response<N> {
    this.#answers.set(name, answer);
    return answer as Response<N>;
  }
}

/** A line that ends a stream with an error has no number, unlike an operation's event. */
function refuseFailure<T>(line: T): T {
  const { type, n, error } = (line ?? {}) as { type?: string; n?: number; error?: ErrorBody };
  if (type === 'failed' && n === undefined && error) throw fromBody(error, 500);
  return line;
}
