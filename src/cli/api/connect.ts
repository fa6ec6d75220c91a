import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { isIPv6 } from 'node:net';
import { isLocalhost } from '../session/localhost.ts';

const LOOPBACK: LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];
type LookupCallback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** How long to wait for an address before also trying the next one. */
const NEXT_ADDRESS_AFTER_MS = 1_000;

/**
 * Returns a DNS lookup: all names resolve to the `fixed` addresses if there are any, and names under `localhost` to
 * this machine (RFC 6761, section 6.3).
 */
function lookupAt(fixed: readonly string[]) {
  const pinned =
    fixed.length > 0
      ? fixed.map((address): LookupAddress => ({ address, family: isIPv6(address) ? 6 : 4 }))
      : undefined;
  return (hostname: string, options: LookupOptions, callback: LookupCallback): void => {
    const known =
      pinned ??
      (isLocalhost(hostname)
        ? LOOPBACK.filter(({ family }) => !options.family || options.family === family)
        : undefined);
    if (!known) return systemLookup(hostname, options, callback);
    if (options.all) return callback(null, known);
    callback(null, known[0]?.address ?? '', known[0]?.family);
  };
}

interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds without a byte before the response's head. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** Reuses connections within one command. */
export class Connections {
  readonly #agents = new Map<string, Agent>();
  readonly #left: Agent[] = [];
  #addresses: readonly string[];

  /** `address`: where to connect whatever DNS says; comma-separated for a cluster with several routers. */
  constructor(address?: string) {
    this.#addresses = address?.split(',') ?? [];
  }

  get lookup(): ReturnType<typeof lookupAt> {
    return lookupAt(this.#addresses);
  }

  /** Uses another address from the next request on, because this one responds but cannot help. */
  turnToNext(): void {
    const [first, ...others] = this.#addresses;
    if (first === undefined || others.length === 0) return;
    this.#addresses = [...others, first];
    this.#left.push(...this.#agents.values());
    this.#agents.clear();
  }

  /**
   * Opens a request; `send` writes its body and ends it. Rejects with the socket's error, or one with code ETIMEDOUT.
   */
  async open(
    { method, url, headers, timeout, signal }: Exchange,
    send: (request: ClientRequest) => void,
  ): Promise<IncomingMessage> {
    // Only one of the two is needed, and loading takes time.
    const http = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
    const agent = this.#agents.get(url.protocol) ?? new http.Agent({ keepAlive: true });
    this.#agents.set(url.protocol, agent);
    const options: RequestOptions & { autoSelectFamilyAttemptTimeout: number } = {
      method,
      headers,
      agent,
      autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
      lookup: this.lookup as NonNullable<RequestOptions['lookup']>,
      ...(signal ? { signal } : {}),
    };
    return new Promise((resolve, reject) => {
      const request = http.request(url, options);
      if (timeout) request.setTimeout(timeout, () => request.destroy(timedOut()));
      request.once('response', (response) => {
        request.setTimeout(0);
        resolve(response);
      });
      request.on('error', reject);
      send(request);
    });
  }

  close(): void {
    for (const agent of [...this.#left, ...this.#agents.values()]) agent.destroy();
  }
}

function timedOut(): NodeJS.ErrnoException {
  return Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' });
}
