import Docker from 'dockerode';
import { defined } from '#values/defined.ts';
import type { IncomingMessage } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { DialAgent } from './dial-agent.ts';
import type { RegistryAuth } from '../images/images.ts';
import { isMissing, translate, type RequestWords } from './refusal.ts';

export type EngineAddress =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number }
  /** Opens a stream to the engine for each concurrent call; `where` describes it. */
  | { readonly dial: () => Promise<Duplex>; readonly where: string };

/** Describes where an engine is. */
export function whereIs(address: EngineAddress): string {
  if ('dial' in address) return address.where;
  return 'socketPath' in address ? address.socketPath : `${address.host}:${address.port}`;
}

export interface Call extends RequestWords {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Built with `at`, so that names are encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: object;
  readonly tar?: Readable;
  readonly signal?: AbortSignal | undefined;
  /** Sent as the header X-Registry-Auth. */
  readonly auth?: RegistryAuth | undefined;
}

const accepted = { 101: true, 200: true, 201: true, 202: true, 204: true, 304: true } as unknown as Record<
  string,
  string
>;

/**
 * Whether the engine accepts the path unchanged. It cleans other paths and redirects, and docker-modem follows
 * redirects even to another host: an object called `../../info` would be read from the host "info".
 */
function isClean(path: string): boolean {
  return decodeURIComponent(path)
    .split('/')
    .slice(1)
    .every((part) => part !== '' && part !== '.' && part !== '..');
}

/** Returns a path with encoded values: at`/configs/${name}`. */
export function at(parts: TemplateStringsArray, ...values: string[]): string {
  return parts.reduce((path, part, i) => path + encodeURIComponent(values[i - 1] ?? '') + part);
}

/** Sends HTTP calls to the engine; errors become catalogue errors. */
export class Connection {
  readonly where: string;
  readonly #docker: Docker;
  #apiVersion: Promise<string> | undefined;

  constructor(address: EngineAddress) {
    this.where = whereIs(address);
    // All are set, even if undefined, because docker-modem falls back to the process's DOCKER_HOST.
    const none = {
      host: undefined,
      port: undefined,
      socketPath: undefined,
      ca: undefined,
      cert: undefined,
      key: undefined,
    };
    // A host is required, or docker-modem looks for a socket; it is never resolved.
    const place = 'dial' in address ? { host: 'engine', port: 80, agent: new DialAgent(address.dial) } : address;
    this.#docker = new Docker({ ...none, protocol: 'http', ...place });
  }

  /** Returns the JSON response; `undefined` for an empty body. */
  async call<T>(call: Call): Promise<T> {
    const response = await this.stream(call);
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      return (chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString('utf8'))) as T;
    } catch (error) {
      throw translate(error, call, this.where);
    }
  }

  /** Returns a list; the engine may send `null` for an empty one. */
  async list<T>(call: Call): Promise<T[]> {
    return (await this.call<T[] | null | undefined>(call)) ?? [];
  }

  /** Like `call`, but `undefined` if the object does not exist. */
  async find<T>(call: Call): Promise<T | undefined> {
    return this.call<T>(call).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
  }

  /** Returns the streaming body. The caller must read it to the end or destroy it. */
  async stream(call: Call): Promise<IncomingMessage> {
    return this.#dial<IncomingMessage>(call, {});
  }

  /** Returns the raw connection after the engine has switched protocols. */
  async hijack(call: Call): Promise<Duplex> {
    // Without a body, an empty file sends "Content-Length: 0"; any body would end up in the container's stdin.
    const file = Buffer.from(call.body ? JSON.stringify(call.body) : '');
    return this.#dial<Duplex>(call, {
      hijack: true,
      file,
      headers: { 'Content-Type': call.body ? 'application/json' : 'text/plain' },
    });
  }

  apiVersion(): Promise<string> {
    this.#apiVersion ??= this.call<{ ApiVersion: string }>({ path: '/version', action: 'report its version' }).then(
      (version) => version.ApiVersion,
      (error: unknown) => {
        this.#apiVersion = undefined;
        throw error;
      },
    );
    return this.#apiVersion;
  }

  async #dial<T>(call: Call, extra: object): Promise<T> {
    try {
      return await this.#dialOnce<T>(call, extra);
    } catch (error) {
      // The stream was closed before anything reached the other end. A body that was read cannot be sent again.
      if (!isBrokenPipe(error) || call.tar) throw error;
      return this.#dialOnce<T>(call, extra);
    }
  }

  #dialOnce<T>(call: Call, extra: object): Promise<T> {
    const options = {
      path: `${call.path}?`,
      method: call.method ?? 'GET',
      options: { _query: defined(call.query ?? {}), _body: call.body ?? {} },
      // Bodies are read here, because docker-modem never returns when a connection breaks in the middle of one.
      isStream: true,
      statusCodes: accepted,
      ...(call.tar ? { file: call.tar } : {}),
      ...(call.signal ? { abortSignal: call.signal } : {}),
      ...(call.auth ? { authconfig: { username: call.auth.user, password: call.auth.password.reveal() } } : {}),
      ...extra,
    };
    return new Promise((resolve, reject) => {
      if (!isClean(call.path))
        return reject(translate({ statusCode: 404, message: 'this is not a valid object name' }, call, this.where));
      this.#docker.modem.dial(options, (error: unknown, result: unknown) => {
        if (!error) return resolve(result as T);
        call.tar?.destroy();
        reject(translate(error, call, this.where));
      });
    });
  }
}

function isBrokenPipe(error: unknown): boolean {
  return ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'EPIPE';
}
