import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import ssh2, { type Server, type Connection, type ParsedKey, type Session } from 'ssh2';

export interface KeyText {
  readonly private: string;
  readonly public: string;
}

export function newEcdsaKey(): KeyText {
  return ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
}

/** ssh2 now and then writes a key that it cannot read itself. */
export function newKey(passphrase?: string): KeyText {
  for (;;) {
    const key = makeKey(passphrase);
    if (!(ssh2.utils.parseKey(key.private, passphrase) instanceof Error)) return key;
  }
}

function makeKey(passphrase?: string): KeyText {
  return passphrase
    ? ssh2.utils.generateKeyPairSync('ed25519', { passphrase, cipher: 'aes256-ctr', rounds: 4 })
    : ssh2.utils.generateKeyPairSync('ed25519');
}

/** An SSH server in this process. Like sshd, it runs commands with `sh` and forwards TCP. */
export class SshServer {
  readonly commands: string[] = [];
  connections = 0;
  /** Channels that it takes at a time on one connection. */
  maxSessions = 10;
  port = 0;
  readonly #server: Server;
  readonly #clients = new Set<Connection>();

  constructor(
    hostKeys: readonly KeyText[],
    readonly allowed: KeyText[],
  ) {
    this.#server = new ssh2.Server({ hostKeys: hostKeys.map((key) => key.private) }, (client) => this.#serve(client));
  }

  async start(port = 0): Promise<this> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  /** As when the network is cut. */
  drop(): void {
    for (const client of this.#clients) (client as unknown as { _sock: { destroy(): void } })._sock.destroy();
  }

  async stop(): Promise<void> {
    this.drop();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(client: Connection): void {
    let sessions = 0;
    this.connections += 1;
    this.#clients.add(client);
    client.on('error', () => undefined).on('close', () => this.#clients.delete(client));
    client.on('authentication', (context) => {
      if (context.method !== 'publickey') return context.reject(['publickey']);
      const known = this.allowed
        .map((key) => ssh2.utils.parseKey(key.public) as ParsedKey)
        .find((key) => key.getPublicSSH().equals(context.key.data));
      if (!known) return context.reject(['publickey']);
      if (context.signature && known.verify(context.blob!, context.signature, context.hashAlgo) !== true)
        return context.reject();
      context.accept();
    });
    client.on('session', (accept, reject) => {
      if (sessions >= this.maxSessions) return reject();
      sessions += 1;
      this.#session(accept()).on('close', () => (sessions -= 1));
    });
    client.on('tcpip', (accept, reject, { destIP, destPort }) => {
      const socket = connect(destPort, destIP, () => {
        const channel = accept();
        channel.pipe(socket).pipe(channel);
      });
      socket.on('error', () => reject());
    });
  }

  #session(session: Session): Session {
    session.on('exec', (accept, _reject, { command }) => {
      this.commands.push(command);
      const channel = accept();
      const child = spawn('sh', ['-c', command]);
      session.on('signal', (_accept, _refuse, { name }) => void child.kill(`SIG${name}` as NodeJS.Signals));
      channel.pipe(child.stdin);
      child.stdin.on('error', () => undefined);
      child.stdout.pipe(channel, { end: false });
      child.stderr.pipe(channel.stderr, { end: false });
      channel.on('close', () => child.kill());
      child.on('close', (code, name) => {
        if (name) channel.exit(name.slice('SIG'.length));
        else channel.exit(code ?? 1);
        channel.end();
      });
    });
    return session;
  }
}
