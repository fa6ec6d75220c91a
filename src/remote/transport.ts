import ssh2, { type Client, type ClientChannel, type ConnectConfig, type ServerHostKeyAlgorithm } from 'ssh2';
import type { Duplex } from 'node:stream';
import { fail, isMothershipError } from '#errors';
import type { Host } from '#events';
import type { SshIdentity } from './identity.ts';
import { hostWord, type KnownHosts } from './known-hosts.ts';
import { targetText, type SshTarget } from './target.ts';

/** OpenSSH's default MaxSessions is 10; leaves some for people. */
const CHANNELS = 8;
const CONNECT_TIMEOUT_MS = 15_000;
const GOODBYE_MS = 2_000;
const KEEPALIVE = { keepaliveInterval: 10_000, keepaliveCountMax: 3 };
const RSA: readonly ServerHostKeyAlgorithm[] = ['rsa-sha2-512', 'rsa-sha2-256'];
const HOST_KEYS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  ...RSA,
];

interface TransportOptions {
  readonly target: SshTarget;
  readonly identity: SshIdentity;
  readonly knownHosts: KnownHosts;
  readonly host: Host;
  /** Connects to the target's port, if not directly over the network. */
  readonly socket?: () => Promise<Duplex>;
}

/** A method of the client that opens a channel. */
export type OpenChannel = (client: Client, opened: (error: Error | undefined, channel: ClientChannel) => void) => void;

interface Failure extends Error {
  readonly level?: string;
  readonly code?: string;
}

/** One authenticated connection with a limited number of channels. */
export class Transport {
  #room = CHANNELS;
  #used = 0;
  #closed = false;

  private constructor(private readonly client: Client) {
    client.on('error', () => undefined);
    client.setMaxListeners(0);
    client.on('close', () => (this.#closed = true));
  }

  static async open(options: TransportOptions): Promise<Transport> {
    return new Transport(await new Login(options).run());
  }

  get hasRoom(): boolean {
    return !this.#closed && this.#used < this.#room;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Returns a new channel; undefined if the server refuses more on this connection, or it has just broken. */
  async channel(open: OpenChannel): Promise<ClientChannel | undefined> {
    this.#used += 1;
    try {
      const channel = await this.#open(open);
      channel.once('close', () => (this.#used -= 1));
      return channel;
    } catch (error) {
      this.#used -= 1;
      if (this.#closed || (error as Error).message === 'Not connected') return this.#gone();
      if (this.#used === 0) throw error;
      this.#room = this.#used;
      return undefined;
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    // An unresponsive host cannot close the connection properly.
    const timer = setTimeout(() => this.client.destroy(), GOODBYE_MS);
    await new Promise<void>((resolve) => {
      this.client.once('close', () => resolve());
      this.client.end();
    });
    clearTimeout(timer);
  }

  async #open(open: OpenChannel): Promise<ClientChannel> {
    let broken: (() => void) | undefined;
    try {
      return await new Promise<ClientChannel>((resolve, reject) => {
        broken = () => reject(new Error('connection lost'));
        this.client.once('close', broken);
        open(this.client, (error, opened) => (error ? reject(error) : resolve(opened)));
      });
    } finally {
      if (broken) this.client.removeListener('close', broken);
    }
  }

  #gone(): undefined {
    this.#closed = true;
  }
}

/** Takes a TCP connection to a logged-in user on the verified host. */
class Login {
  readonly #client = new ssh2.Client();
  #refusal: Error | undefined;

  constructor(private readonly options: TransportOptions) {}

  async run(): Promise<Client> {
    const config = await this.#config();
    const client = this.#client;
    try {
      await new Promise<void>((resolve, reject) => {
        client.once('ready', resolve);
        // An agent that does not respond is not fatal: the next key may work.
        client.on('error', (error: Failure) => void (error.level !== 'agent' && reject(error)));
        client.once('close', () => reject(new Error('the other side closed the connection')));
        client.connect(config);
      });
      return client;
    } catch (error) {
      client.destroy();
      throw await this.#explain(error as Failure);
    }
  }

  async #config(): Promise<ConnectConfig> {
    const { target, identity, socket } = this.options;
    const methods = await identity.methods(target.user);
    if (methods.length === 0) throw await this.#authFailed();
    return {
      host: target.host,
      port: target.port,
      username: target.user,
      readyTimeout: CONNECT_TIMEOUT_MS,
      ...KEEPALIVE,
      algorithms: { serverHostKey: await this.#hostKeyOrder() },
      hostVerifier: (key: Buffer, verify: (valid: boolean) => void) => void this.#verify(key).then(verify),
      authHandler: methods as never,
      ...(socket ? { sock: (await socket()) as never } : {}),
    };
  }

  /** Requests known key types first; otherwise another key of the host would look like a changed one. */
  async #hostKeyOrder(): Promise<ServerHostKeyAlgorithm[]> {
    const types = await this.options.knownHosts.types(this.options.target);
    const known = HOST_KEYS.filter((each) => types.includes(RSA.includes(each) ? 'ssh-rsa' : each));
    return [...known, ...HOST_KEYS.filter((each) => !known.includes(each))];
  }

  async #verify(key: Buffer): Promise<boolean> {
    const { target, knownHosts, host } = this.options;
    try {
      const verdict = await knownHosts.check(target, key);
      const { fingerprint } = verdict;
      if (verdict.state === 'pinned') {
        host.notify({
          type: 'notice',
          level: 'info',
          message: `Trusting the host key ${fingerprint} of ${hostWord(target)} from now on (first connection).`,
        });
      }
      if (verdict.state !== 'changed') return true;
      throw fail('SSH_HOST_KEY_CHANGED', {
        target: targetText(target),
        host: hostWord(target),
        file: knownHosts.path,
        pinned: verdict.pinned,
        now: fingerprint,
      });
    } catch (error) {
      this.#refusal = error as Error;
      return false;
    }
  }

  async #explain(error: Failure): Promise<Error> {
    if (this.#refusal) return this.#refusal;
    if (isMothershipError(error)) return error;
    if (error.level === 'client-authentication') return this.#authFailed(error);
    const why = error.message || error.code || 'it does not respond';
    return fail('SSH_UNREACHABLE', { target: targetText(this.options.target), why }, error);
  }

  async #authFailed(cause?: Error): Promise<Error> {
    const { target, identity } = this.options;
    const { user } = target;
    return fail('SSH_AUTH_FAILED', { target: targetText(target), user, tried: await identity.tried() }, cause);
  }
}
