import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { RegistryAuth } from '#engine/engine.ts';
import { fail, isMothershipError } from '#errors';
import type { Clock } from '#events';
import { Authorization } from './authorization.ts';

export interface RegistryAddress {
  /** Name or IP to connect to. */
  readonly host: string;
  readonly port: number;
  /** `host:port` of the registry, for its certificate and for engines. */
  readonly server: string;
  /** PEM; defaults to the system's authorities. */
  readonly ca?: Buffer;
}

interface RegistryCall {
  readonly method?: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Phrased to follow "refused to". */
  readonly action: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | Readable;
  /** Accepted statuses. All others throw. */
  readonly accept: readonly number[];
}

const ATTEMPTS = 2;
const PAUSE_MS = 300;
/** Time after which a silent registry counts as gone. */
const SILENCE_MS = 30_000;
const CONNECT_MS = 2_000;

/** HTTPS calls to one registry: authentication, certificate, and retries where safe. */
export class RegistryHttp {
  readonly where: string;
  readonly #authorization: Authorization;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8, timeout: SILENCE_MS });

  constructor(
    private readonly address: RegistryAddress,
    auth: RegistryAuth,
    private readonly clock: Clock,
  ) {
    this.where = `${address.host}:${address.port}`;
    this.#authorization = new Authorization(auth);
  }

  /** The caller must read or destroy the body. A streamed body is sent only once. */
  async send(call: RegistryCall): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#authorized(call);
      } catch (error) {
        if (attempt === ATTEMPTS || call.body instanceof Readable || !isMothershipError(error, 'REGISTRY_UNREACHABLE'))
          throw error;
        await this.clock.sleep(PAUSE_MS * attempt);
      }
    }
  }

  /** Returns the whole body. */
  async read(call: RegistryCall): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> {
    const answer = await this.send(call);
    const body = await buffer(answer).catch((error: unknown) => {
      throw this.#unreachable(error);
    });
    return { status: answer.statusCode ?? 0, headers: answer.headers, body };
  }

  async #authorized(call: RegistryCall): Promise<IncomingMessage> {
    const answer = await this.#once(call, this.#authorization.header(call.path));
    if (answer.statusCode !== 401 || call.accept.includes(401)) return this.#checked(call, answer);
    const challenge = answer.headers['www-authenticate'] ?? '';
    const header = call.body instanceof Readable ? undefined : await this.#authorization.answer(challenge, call.path);
    if (!header) return this.#checked(call, answer);
    answer.resume();
    return this.#checked(call, await this.#once(call, header));
  }

  async #checked(call: RegistryCall, answer: IncomingMessage): Promise<IncomingMessage> {
    const status = answer.statusCode ?? 0;
    if (call.accept.includes(status)) return answer;
    const why = reasonIn(await buffer(answer).catch(() => Buffer.alloc(0)), status);
    throw status >= 500
      ? fail('REGISTRY_UNREACHABLE', { where: this.where, why })
      : fail('REGISTRY_REFUSED', { where: this.where, action: call.action, why });
  }

  #once({ method = 'GET', path, headers, body }: RegistryCall, authorization: string): Promise<IncomingMessage> {
    const { host, port, server, ca } = this.address;
    return new Promise((resolve, reject) => {
      const sending = request({
        host,
        port,
        method,
        path,
        agent: this.#agent,
        servername: server.split(':')[0],
        ...(ca ? { ca } : {}),
        headers: {
          host: server,
          authorization,
          ...(body instanceof Buffer ? { 'content-length': body.length } : {}),
          ...headers,
        },
      });
      const late = setTimeout(() => sending.destroy(new Error('connection timed out')), CONNECT_MS);
      sending.on('socket', (socket) =>
        socket.connecting ? socket.once('secureConnect', () => clearTimeout(late)) : clearTimeout(late),
      );
      sending.setTimeout(SILENCE_MS, () => sending.destroy(new Error('it stopped responding')));
      sending.on('close', () => clearTimeout(late));
      sending.on('response', resolve).on('error', (error) => reject(this.#unreachable(error)));
      if (body instanceof Readable)
        void pipeline(body, sending).catch((error: unknown) => reject(this.#unreachable(error)));
      else sending.end(body);
    });
  }

  #unreachable(error: unknown): unknown {
    if (isMothershipError(error)) return error;
    const { code, message } = error as { code?: string; message: string };
    return fail(
      'REGISTRY_UNREACHABLE',
      { where: this.where, why: code && !message.includes(code) ? `${code}: ${message}` : message },
      error,
    );
  }
}

/** Extracts the registry's message: `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`. */
function reasonIn(body: Buffer, status: number): string {
  try {
    const { errors } = JSON.parse(body.toString('utf8')) as { errors?: { code?: string; message?: string }[] };
    const said = errors?.[0]?.message || errors?.[0]?.code;
    return said ? `${said} (HTTP status ${status})` : `HTTP status ${status}`;
  } catch {
    return `HTTP status ${status}`;
  }
}
