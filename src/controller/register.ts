import assert from 'node:assert/strict';
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  contract,
  routes,
  type Body,
  type Query,
  type Response,
  type RouteInfo,
  type RouteName,
  type RouteSchemas,
} from '../api/index.ts';
import { pathParameter } from '../api/path-parameter.ts';
import type { Caller, RunSession } from '../platform/index.ts';
import { parsePart } from './answer-error.ts';
import { Upload } from './upload.ts';

type ParamNames<P extends string> = P extends `${string}/:${infer Name}/${infer Rest}`
  ? Name | ParamNames<`/${Rest}`>
  : P extends `${string}/:${infer Name}`
    ? Name
    : never;
type Table = typeof routes;
type AnswerKind<N extends RouteName> = Table[N] extends { answer: infer A } ? A : 'json';

/** A handler's input: the request's parts, parsed by the contract. */
export interface Call<N extends RouteName> {
  readonly params: Record<ParamNames<Table[N]['path']>, string>;
  readonly query: Query<N>;
  readonly body: Body<N>;
  readonly caller: Table[N]['access'] extends 'deploy' | 'member' | 'admin' ? Caller : undefined;
  readonly upload: Table[N] extends { upload: string } ? Readable : undefined;
  /** Aborts when the client disconnects or the controller stops. */
  readonly signal: AbortSignal;
}

type Answer<N extends RouteName> =
  AnswerKind<N> extends 'ndjson'
    ? AsyncIterable<Response<N>>
    : AnswerKind<N> extends 'socket'
      ? Promise<RunSession>
      : AnswerKind<N> extends 'download'
        ? Promise<Readable>
        : AnswerKind<N> extends 'poll'
          ? Promise<Response<N> | undefined>
          : Response<N> | Promise<Response<N>>;
export type Handler<N extends RouteName> = (call: Call<N>) => Answer<N>;
export type Register = <N extends RouteName>(name: N, handler: Handler<N>) => void;

/** How responses are sent: what `RouteBook` needs from the server. */
export interface Edge {
  readonly uploadLimitBytes: number;
  signal(reply: FastifyReply): AbortSignal;
  lines(source: AsyncIterable<unknown>, signal: AbortSignal, request: FastifyRequest): Promise<Readable>;
  /** Requires a WebSocket upgrade before `attach` is called, then connects the session. */
  terminal(
    attach: () => Promise<RunSession>,
    signal: AbortSignal,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    name?: RouteName;
  }
  interface FastifyRequest {
    caller: Caller | undefined;
  }
}

/** Registers handlers for named routes; `close` fails if a route has none. */
export class RouteBook {
  readonly #app: FastifyInstance;
  readonly #edge: Edge;
  readonly #names = new Set<string>();

  constructor(app: FastifyInstance, edge: Edge) {
    this.#app = app;
    this.#edge = edge;
  }

  readonly register: Register = (name, handler) => {
    const { method, path }: RouteInfo = routes[name];
    assert(!this.#names.has(name), `route ${name} has two handlers`);
    this.#names.add(name);
    this.#app.route({
      method,
      url: path,
      config: { name },
      handler: (request, reply) => this.#serve(name, handler as unknown as (call: unknown) => unknown, request, reply),
    });
  };

  close(): void {
    const missing = Object.keys(routes).filter((name) => !this.#names.has(name));
    assert.deepEqual(missing, [], 'routes without a handler');
  }

  async #serve(
    name: RouteName,
    handler: (call: unknown) => unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<unknown> {
    const info: RouteInfo = routes[name];
    const schemas: RouteSchemas = contract[name];
    const signal = this.#edge.signal(reply);
    const call = { ...parse(schemas, request), caller: request.caller, signal };
    if (info.upload)
      return reply
        .code(info.answer === 'operation' ? 202 : 200)
        .send(schemas.response.parse(await this.#receive(info, handler, call, request)));
    if (info.answer === 'socket')
      return this.#edge.terminal(async () => (await handler(call)) as RunSession, signal, request, reply);
    if (info.answer === 'ndjson') {
      reply.headers({ 'content-type': 'application/x-ndjson; charset=utf-8', 'x-accel-buffering': 'no' });
      return reply.send(
        await this.#edge.lines(checked(handler(call) as AsyncIterable<unknown>, schemas), signal, request),
      );
    }
    if (info.answer === 'download') return reply.header('content-type', 'application/x-tar').send(await handler(call));
    const answer = await handler(call);
    if (info.answer === 'poll' && answer === undefined) return reply.code(204).send();
    return reply.code(info.answer === 'operation' ? 202 : 200).send(schemas.response.parse(answer));
  }

  /** A broken upload reports its own error, not its reader's. */
  async #receive(
    { large }: RouteInfo,
    handler: (call: unknown) => unknown,
    call: object,
    request: FastifyRequest,
  ): Promise<unknown> {
    const upload = new Upload(request.raw, large ? Infinity : this.#edge.uploadLimitBytes);
    try {
      return await handler({ ...call, upload: upload.stream });
    } catch (error) {
      throw upload.failure ?? error;
    }
  }
}

function parse(schemas: RouteSchemas, request: FastifyRequest): { params: unknown; query: unknown; body: unknown } {
  const params = Object.entries(request.params as Record<string, string>);
  return {
    params: Object.fromEntries(
      params.map(([key, value]) => [key, parsePart(`the ${key} in the path`, pathParameter, value)]),
    ),
    query: schemas.query && parsePart('query', schemas.query, request.query),
    body: schemas.body && parsePart('body', schemas.body, request.body ?? {}),
  };
}

async function* checked(source: AsyncIterable<unknown>, schemas: RouteSchemas): AsyncGenerator<unknown> {
  for await (const item of source) yield schemas.response.parse(item);
}
