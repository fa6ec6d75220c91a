import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIPv6 } from 'node:net';

const LOOPBACK: LookupAddress[] = [{ address: '127.0.0.1', family: 4 }, { address: '::1', family: 6 }];
type LookupCallback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/**
 * Looks names up: all are at `fixed` when it is given, and names below `localhost` are this machine (RFC 6761, section
 * 6.3), whatever the resolver thinks of them.
 */
export function lookupAt(fixed: string | undefined) {
  const pinned = fixed === undefined ? undefined : [{ address: fixed, family: isIPv6(fixed) ? 6 : 4 }];
  return (hostname: string, options: LookupOptions, callback: LookupCallback): void => {
    const known = pinned ?? (isLocalhost(hostname) ? LOOPBACK.filter(({ family }) => !options.family || options.family === family) : undefined);
    if (!known) return systemLookup(hostname, options, callback);
    if (options.all) return callback(null, known);
    callback(null, known[0]?.address ?? '', known[0]?.family);
  };
}

export function isLocalhost(hostname: string): boolean {
  return /(^|\.)localhost\.?$/i.test(hostname);
}

export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds without a byte before the response's head. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** Keeps connections over the calls of one command. */
export class Connections {
  readonly #http = new HttpAgent({ keepAlive: true });
  readonly #https = new HttpsAgent({ keepAlive: true });
  readonly lookup: ReturnType<typeof lookupAt>;

  /** `address`: connect there whatever DNS says. */
  constructor(address?: string) {
    this.lookup = lookupAt(address);
  }

  /** Opens a request; `send` writes its body and ends it. Rejects with the socket's error, or one whose code is ETIMEDOUT. */
  open(exchange: Exchange, send: (request: ClientRequest) => void): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const secure = exchange.url.protocol === 'https:';
      const request = (secure ? httpsRequest : httpRequest)(exchange.url, this.#options(exchange, secure));
      if (exchange.timeout) request.setTimeout(exchange.timeout, () => request.destroy(timedOut()));
      request.once('response', (response) => {
        request.setTimeout(0);
        resolve(response);
      });
      request.on('error', reject);
      send(request);
    });
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #options({ method, headers, signal }: Exchange, secure: boolean): RequestOptions {
    const agent = secure ? this.#https : this.#http;
    return { method, headers, lookup: this.lookup as NonNullable<RequestOptions['lookup']>, agent, ...(signal ? { signal } : {}) };
  }
}

function timedOut(): NodeJS.ErrnoException {
  return Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' });
}
