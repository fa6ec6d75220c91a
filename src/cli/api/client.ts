import { once } from 'node:events';
import { MiB } from '#values/size.ts';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Body, Query, Response } from '#api/contract.ts';
import { routes, type RouteInfo, type RouteName } from '#api/routes.ts';
import { fail, fromBody, isMothershipError, type ErrorBody } from '#errors';
import { reveal, type Clock, type Secret } from '#events';
import { Connections } from './connect.ts';
import { isLoss, isPassing, whyUnreachable } from './connection-errors.ts';
import { readJson, readJsonLines } from './ndjson.ts';

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
type AnyInput = { params?: Record<string, string>; query?: unknown; body?: unknown; signal?: AbortSignal };

interface ApiOptions {
  readonly url: string;
  readonly token?: Secret | string;
  /** Connect to this address whatever DNS says. */
  readonly address?: string;
  readonly clock: Clock;
  readonly userAgent: string;
}

interface Following<N extends RouteName> {
  /** What the connection is for, for the error. */
  readonly what: string;
  /** Returns the input that continues after the last line received. */
  readonly resume: (last: Response<N> | undefined) => Input<N>;
  /** Also retry if the first attempt fails. */
  readonly patient?: boolean;
}

const ANSWER_WITHIN = 120_000;
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
  readonly #connections: Connections;

  constructor(private readonly options: ApiOptions) {
    this.#connections = new Connections(options.address);
  }

  /**
   * Sends one request and returns its JSON response. While a controller is being moved, retries reads always, and
   * changes if nothing was done.
   */
  async call<N extends RouteName>(name: N, input: Input<N> = {} as Input<N>): Promise<Response<N>> {
    const isRead = routes[name].method === 'GET';
    for (const pause of [...RETRY_PAUSES, undefined]) {
      try {
        return this.#noted(name, await this.#json(await this.#send(name, input as AnyInput)));
      } catch (error) {
        if (pause === undefined || !(isRead ? isPassing(error) : isMothershipError(error, 'QUORUM_LOST'))) throw error;
        await this.options.clock.sleep(pause);
      }
    }
    throw fail('CONTROLLER_UNREACHABLE', { url: this.options.url, why: 'no response' });
  }

  /** Yields the lines of an `ndjson` route. Ends when the server ends it, throws when the connection breaks. */
  async *stream<N extends RouteName>(name: N, input: Input<N>): AsyncGenerator<Response<N>> {
    const response = await this.#send(name, input as AnyInput);
    try {
      for await (const line of readJsonLines<Response<N>>(response)) yield this.#noted(name, refuseFailure(line));
    } catch (error) {
      throw this.#unreachable(error);
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
      const response = await this.#open(name, input as AnyInput, { 'content-type': type }, (request) => {
        sent = pipeline(source, request, { signal: abort.signal }).catch((error: unknown) => error);
      });
      return this.#noted(name, await this.#json(await this.#checked(response)));
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
    return this.#send(name, input as AnyInput);
  }

  /** Opens the WebSocket of a `socket` route, paused. */
  async socket<N extends RouteName>(name: N, params: Params<N>, query: object = {}): Promise<import('ws').WebSocket> {
    const { WebSocket } = await import('ws');
    const url = this.#url(name, { params, query });
    url.protocol = url.protocol.replace('http', 'ws');
    const socket = new WebSocket(url, {
      headers: this.#headers(),
      lookup: this.#connections.lookup as never,
      maxPayload: 16 * MiB,
      perMessageDeflate: false,
    });
    // Nothing may arrive before a listener is attached.
    socket.once('open', () => socket.pause());
    const refused = new Promise<never>((_resolve, reject) => {
      socket.once('unexpected-response', (_request, response: IncomingMessage) => {
        this.#checked(response).then(
          () => reject(fail('CONTROLLER_STRANGE', { url: this.options.url, status: response.statusCode ?? 0 })),
          reject,
        );
      });
      socket.once('error', (error) => reject(this.#unreachable(error)));
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
    this.#connections.close();
  }

  #noted<N extends RouteName>(name: N, answer: unknown): Response<N> {
    this.#answers.set(name, answer);
    return answer as Response<N>;
  }

  async #send(name: RouteName, input: AnyInput): Promise<IncomingMessage> {
    const json = input.body === undefined ? undefined : Buffer.from(JSON.stringify(input.body));
    const headers = json ? { 'content-type': 'application/json', 'content-length': String(json.length) } : {};
    return this.#checked(await this.#open(name, input, headers, (request) => request.end(json)));
  }

  async #open(
    name: RouteName,
    input: AnyInput,
    headers: Record<string, string>,
    send: (request: import('node:http').ClientRequest) => void,
  ): Promise<IncomingMessage> {
    const exchange = {
      method: routes[name].method,
      url: this.#url(name, input),
      headers: { ...this.#headers(), ...headers },
      timeout: ANSWER_WITHIN,
    };
    try {
      return await this.#connections.open({ ...exchange, ...(input.signal ? { signal: input.signal } : {}) }, send);
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  async #checked(response: IncomingMessage): Promise<IncomingMessage> {
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return response;
    // A partitioned node may still be reachable from here.
    if (status >= 502) this.#connections.turnToNext();
    const body = (await readJson(response).catch(() => undefined)) as ErrorBody | undefined;
    if (typeof body?.code === 'string' && typeof body.message === 'string') throw fromBody(body, status);
    throw fail('CONTROLLER_STRANGE', { url: this.options.url, status }, { status });
  }

  /** Throws CONTROLLER_STRANGE for a page of another server, and CONTROLLER_UNREACHABLE if the connection breaks. */
  async #json(response: IncomingMessage): Promise<unknown> {
    try {
      return await readJson(response);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw this.#unreachable(error);
      throw fail('CONTROLLER_STRANGE', { url: this.options.url, status: response.statusCode ?? 0 }, error);
    }
  }

  #headers(): Record<string, string> {
    const { token, userAgent } = this.options;
    return {
      accept: 'application/json',
      'user-agent': userAgent,
      ...(token ? { authorization: `Bearer ${reveal(token)}` } : {}),
    };
  }

  #url(name: RouteName, { params = {}, query = {} }: AnyInput): URL {
    const path = routes[name].path.replace(/:(\w+)/g, (_match, key: string) => encodeURIComponent(params[key] ?? ''));
    const url = new URL(this.options.url.replace(/\/+$/, '') + path);
    for (const [key, value] of Object.entries(query as object))
      if (value !== undefined) url.searchParams.set(key, String(value));
    return url;
  }

  #unreachable(error: unknown): unknown {
    if (isMothershipError(error) || (error as Error).name === 'AbortError') return error;
    return fail(
      'CONTROLLER_UNREACHABLE',
      { url: this.options.url, why: whyUnreachable(error as NodeJS.ErrnoException) },
      error,
    );
  }
}

/** A line that ends a stream with an error has no number, unlike an operation's event. */
function refuseFailure<T>(line: T): T {
  const { type, n, error } = (line ?? {}) as { type?: string; n?: number; error?: ErrorBody };
  if (type === 'failed' && n === undefined && error) throw fromBody(error, 500);
  return line;
}
