import { randomUUID } from 'node:crypto';
import { valuesIn } from '#values/json-values.ts';
import { GiB } from '#values/size.ts';
import type { Socket } from 'node:net';
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { routes, type RouteInfo } from '#api';
import { fail } from '#errors';
import type { Clock } from '#events';
import type { Platform } from '#platform';
import { checkAccess } from './access.ts';
import { BODY_LIMIT_BYTES, toCatalogueError } from './answer-error.ts';
import { streamLines } from './line-stream.ts';
import { OpenRequests } from './open-requests.ts';
import { register, type Edge } from './register.ts';
import { handlers } from './routes/index.ts';
import { Terminals } from './terminal.ts';
import { discardRest, endUnless } from './upload.ts';

const UPLOAD_LIMIT_BYTES = GiB;
/** Time for open responses to finish when the controller stops. */
const STOP_MS = 5_000;
/** Values in a JSON body; 1,000 config vars are the most that a request can need. */
const MOST_VALUES = 20_000;
/** For a JSON body to arrive. */
const BODY_MS = 60_000;
const UPLOAD_TYPES = ['application/gzip', 'application/x-tar'];
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

interface ControllerOptions {
  readonly platform: Platform;
  readonly version: string;
  readonly logger: FastifyBaseLogger;
  readonly clock: Clock;
  /** Serves TLS 1.3 only; plain HTTP without, for tests. As PEM. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
  /** Defaults to 1 GiB. */
  readonly uploadLimitBytes?: number;
}

/** Builds the HTTP server for a platform, not yet listening. Closing it ends streams and terminals first. */
export function buildController(options: ControllerOptions): FastifyInstance {
  const { platform, version, logger } = options;
  const open = new OpenRequests();
  const sendError = errorSender(options.clock);
  const app = createServer(logger, sendError, options.tls);
  answerErrors(app, sendError);
  readBodies(app, options.clock);
  app.decorateRequest('caller', undefined);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...HEADERS, 'x-request-id': request.id });
    const { name } = request.routeOptions.config;
    if (!name) return;
    // Where the router keeps connections to, for the requests of users.
    if (name === 'routerPoll') reply.header('x-controller-address', request.socket.localAddress);
    open.admit();
    request.caller = await checkAccess(
      platform,
      routes[name].access,
      request.headers.authorization,
      request.params as Record<string, string>,
    );
  });
  app.addHook('onResponse', logAnswer);
  app.addHook('preClose', () => open.stop(options.clock, STOP_MS));
  app.register(async (scope) => {
    register(scope, handlers(platform, version), edge(app, open, options));
  });
  return app;
}

function createServer(
  loggerInstance: FastifyBaseLogger,
  frameworkErrors: SendError,
  tls: ControllerOptions['tls'],
): FastifyInstance {
  const app = Fastify({
    https: tls ? { ...tls, minVersion: 'TLSv1.3' } : null,
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    return503OnClosing: false,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 300 },
    genReqId: (request) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && /^[\w-]{1,64}$/.test(given) ? given : randomUUID();
    },
    frameworkErrors,
    clientErrorHandler: refuseClient,
  });
  // Fastify's types tell servers with and without TLS apart; nothing here depends on it.
  return app as unknown as FastifyInstance;
}

function edge(app: FastifyInstance, open: OpenRequests, options: ControllerOptions): Edge {
  const { clock, uploadLimitBytes = UPLOAD_LIMIT_BYTES } = options;
  const terminals = new Terminals();
  terminals.listen(app);
  const toErrorBody = (request: FastifyRequest) => (error: unknown) =>
    toCatalogueError(error, request, request.log).toJSON();
  return {
    clock,
    uploadLimitBytes,
    signal: (reply) => open.signal(reply.raw),
    lines: (source, signal, request) => streamLines(source, { clock, signal, toErrorBody: toErrorBody(request) }),
    terminal: (attach, signal, request, reply) =>
      terminals.serve(attach, request, reply, { clock, signal, toErrorBody: toErrorBody(request) }),
  };
}

/** Accepts JSON, possibly empty, and the media types of upload routes. */
function readBodies(app: FastifyInstance, clock: Clock): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text: string, done) => {
    if (text.trim() === '') done(null, undefined);
    else if (valuesIn(text) > MOST_VALUES)
      done(fail('REQUEST_INVALID', { why: `the body has more than ${MOST_VALUES} values` }), undefined);
    else
      void parseJson(request, text, (error, value) =>
        done(error && fail('REQUEST_INVALID', { why: 'the body is not valid JSON' }), value),
      );
  });
  app.addContentTypeParser(UPLOAD_TYPES, (_request, _payload, done) => done(null));
  app.addHook('preParsing', async (request) => {
    const { name } = request.routeOptions.config;
    const given = request.headers['content-type'];
    if (!name || request.method === 'GET') return;
    const { upload }: RouteInfo = routes[name];
    const expected = upload ?? 'application/json';
    const matches = given === undefined ? !upload : given.split(';')[0]?.trim().toLowerCase() === expected;
    if (!matches) throw fail('MEDIA_TYPE_UNSUPPORTED', { given: (given ?? 'none').slice(0, 100), expected });
    if (!upload) endUnless(request.raw, 'end', { within: BODY_MS, clock });
  });
}

function answerErrors(app: FastifyInstance, sendError: SendError): void {
  app.setErrorHandler(sendError);
  app.setNotFoundHandler((request) => {
    throw fail('ROUTE_NOT_FOUND', { path: `${request.method} ${request.url.split('?')[0]?.slice(0, 200)}` });
  });
}

type SendError = (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => void;

function errorSender(clock: Clock): SendError {
  return (thrown, request, reply) => {
    const error = toCatalogueError(thrown, request, request.log);
    if (error.status >= 500 && error.code !== 'INTERNAL') request.log.warn({ err: error }, error.message);
    if (error.status === 401) reply.header('www-authenticate', 'Bearer');
    // Accepts the rest of a rejected body for a moment: closing immediately would discard the response.
    reply.removeHeader('connection');
    reply.raw.once('finish', () => discardRest(request.raw, clock));
    void reply.code(error.status).header('content-type', 'application/json; charset=utf-8').send(error.toJSON());
  };
}

/** Rejects malformed HTTP. A connection whose TLS handshake failed has no way to receive an answer. */
function refuseClient(error: Error & { code?: string }, socket: Socket): void {
  if (!/^(HPE|ERR_HTTP)_/.test(error.code ?? '') || !socket.writable) return void socket.destroy();
  const body = JSON.stringify(fail('REQUEST_INVALID', { why: 'malformed HTTP' }).toJSON());
  const head = [
    'HTTP/1.1 400 Bad Request',
    'connection: close',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

async function logAnswer(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { name } = request.routeOptions.config;
  const facts = {
    method: request.method,
    route: name ?? 'none',
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime),
    user: request.caller?.user,
  };
  if (name === 'health' || name === 'routerPoll') request.log.debug(facts, 'answered');
  else request.log.info(facts, 'answered');
}
