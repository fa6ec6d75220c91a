import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { contract, routes, type RouteInfo, type RouteName, type RouteSchemas } from '#api';
import { pathParameter } from '#api/path-parameter.ts';
import type { Clock } from '#events';
import type { Caller, RunSession } from '#platform';
import { parsePart } from './answer-error.ts';
import type { Handlers } from './handler.ts';
import { Upload } from './upload.ts';

/** How responses are sent: what routes need from the server. */
export interface Edge {
  readonly clock: Clock;
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

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly signal: AbortSignal;
  readonly schemas: RouteSchemas;
  readonly edge: Edge;
  /** Calls the route's handler. */
  readonly handle: () => unknown;
}

type Answer = (exchange: Exchange) => Promise<unknown>;

const json =
  (status: number): Answer =>
  async ({ reply, schemas, handle }) =>
    reply.code(status).send(schemas.response.parse(await handle()));

const answers: Record<NonNullable<RouteInfo['answer']> | 'json', Answer> = {
  json: json(200),
  operation: json(202),
  async poll({ reply, schemas, handle }) {
    const answer = await handle();
    return answer === undefined ? reply.code(204).send() : reply.send(schemas.response.parse(answer));
  },
  async ndjson({ request, reply, signal, schemas, edge, handle }) {
    reply.headers({ 'content-type': 'application/x-ndjson; charset=utf-8', 'x-accel-buffering': 'no' });
    return reply.send(await edge.lines(checked(handle() as AsyncIterable<unknown>, schemas), signal, request));
  },
  async download({ reply, handle }) {
    return reply.header('content-type', 'application/x-tar').send(await handle());
  },
  socket: ({ request, reply, signal, edge, handle }) =>
    edge.terminal(async () => (await handle()) as RunSession, signal, request, reply),
};

/** Serves each route of the API with its handler. */
export function register(app: FastifyInstance, handlers: Handlers, edge: Edge): void {
  for (const name of Object.keys(handlers) as RouteName[]) {
    const info: RouteInfo = routes[name];
    const schemas: RouteSchemas = contract[name];
    const handler = handlers[name] as (call: unknown) => unknown;
    app.route({
      method: info.method,
      url: info.path,
      config: { name },
      handler: async (request, reply) => {
        const signal = edge.signal(reply);
        const call = { ...parse(schemas, request), caller: request.caller, signal };
        const handle = () => (info.upload ? receive(info, handler, call, request, edge) : handler(call));
        return answers[info.answer ?? 'json']({ request, reply, signal, schemas, edge, handle });
      },
    });
  }
}

/** A broken upload reports its own error, not its reader's. */
async function receive(
  { large }: RouteInfo,
  handler: (call: unknown) => unknown,
  call: object,
  request: FastifyRequest,
  { uploadLimitBytes, clock }: Edge,
): Promise<unknown> {
  const upload = new Upload(request.raw, large ? Infinity : uploadLimitBytes, clock);
  try {
    return await handler({ ...call, upload: upload.stream });
  } catch (error) {
    upload.stream.destroy();
    throw upload.failure ?? error;
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
