import type { IncomingMessage } from 'node:http';
import { routes, type RouteName } from '#api/routes.ts';
import { fail, fromBody, isMothershipError, type ErrorBody } from '#errors';
import { reveal, type Clock, type Secret } from '#events';
import { Connections } from './connect.ts';
import { whyUnreachable } from './connection-errors.ts';
import { readJson } from './ndjson.ts';

export interface ApiOptions {
  readonly url: string;
  readonly token?: Secret | string;
  /** Connect to this address whatever DNS says. */
  readonly address?: string;
  readonly clock: Clock;
  readonly userAgent: string;
}

export type AnyInput = {
  params?: Record<string, string>;
  query?: unknown;
  body?: unknown;
  signal?: AbortSignal;
};

const ANSWER_WITHIN = 120_000;

/** Single requests and their responses, without retries. */
export class Exchanges {
  readonly #connections: Connections;

  constructor(private readonly options: ApiOptions) {
    this.#connections = new Connections(options.address);
  }

  get lookup(): Connections['lookup'] {
    return this.#connections.lookup;
  }

  close(): void {
    this.#connections.close();
  }

  /** Sends a JSON body, if there is one, and returns a response of status 2xx. */
  async send(name: RouteName, input: AnyInput): Promise<IncomingMessage> {
    const json = input.body === undefined ? undefined : Buffer.from(JSON.stringify(input.body));
    const headers = json ? { 'content-type': 'application/json', 'content-length': String(json.length) } : {};
    return this.checked(await this.open(name, input, headers, (request) => request.end(json)));
  }

  /** Returns the response, whatever its status. `send` writes the body and ends the request. */
  async open(
    name: RouteName,
    input: AnyInput,
    headers: Record<string, string>,
    send: (request: import('node:http').ClientRequest) => void,
  ): Promise<IncomingMessage> {
    const exchange = {
      method: routes[name].method,
      url: this.url(name, input),
      headers: { ...this.headers(), ...headers },
      timeout: ANSWER_WITHIN,
    };
    try {
      return await this.#connections.open({ ...exchange, ...(input.signal ? { signal: input.signal } : {}) }, send);
    } catch (error) {
      throw this.unreachable(error);
    }
  }

  /** Throws the error in a response of another status than 2xx. */
  async checked(response: IncomingMessage): Promise<IncomingMessage> {
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return response;
    // A partitioned node may still be reachable from here.
    if (status >= 502) this.#connections.turnToNext();
    const body = (await readJson(response).catch(() => undefined)) as ErrorBody | undefined;
    if (typeof body?.code === 'string' && typeof body.message === 'string') throw fromBody(body, status);
    throw fail('CONTROLLER_STRANGE', { url: this.options.url, status }, { status });
  }

  /** Throws CONTROLLER_STRANGE for a page of another server, and CONTROLLER_UNREACHABLE if the connection breaks. */
  async json(response: IncomingMessage): Promise<unknown> {
    try {
      return await readJson(response);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw this.unreachable(error);
      throw fail('CONTROLLER_STRANGE', { url: this.options.url, status: response.statusCode ?? 0 }, error);
    }
  }

  headers(): Record<string, string> {
    const { token, userAgent } = this.options;
    return {
      accept: 'application/json',
      'user-agent': userAgent,
      ...(token ? { authorization: `Bearer ${reveal(token)}` } : {}),
    };
  }

  url(name: RouteName, { params = {}, query = {} }: AnyInput): URL {
    const path = routes[name].path.replace(/:(\w+)/g, (_match, key: string) => encodeURIComponent(params[key] ?? ''));
    const url = new URL(this.options.url.replace(/\/+$/, '') + path);
    for (const [key, value] of Object.entries(query as object))
      if (value !== undefined) url.searchParams.set(key, String(value));
    return url;
  }

  /** Converts an error of the connection. */
  unreachable(error: unknown): unknown {
    if (isMothershipError(error) || (error as Error).name === 'AbortError') return error;
    return fail(
      'CONTROLLER_UNREACHABLE',
      { url: this.options.url, why: whyUnreachable(error as NodeJS.ErrnoException) },
      error,
    );
  }
}
