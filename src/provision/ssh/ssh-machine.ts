import { fail } from '#errors';
import type { EngineAddress } from '#engine';
import type { SshConnection, SshResult } from '#remote';
import { reachableAddresses } from '../local/default-route.ts';
import type { CommandResult, Machine, RunCommandOptions, RunningCommand } from '../machine.ts';
import { replaceFile } from '../replace-file.ts';

const CONNECT_TIMEOUT_S = '2';
/** Connects with bash; address and port are arguments, not part of the script. */
const CONNECT = 'exec 3<>"/dev/tcp/$0/$1"';
const SOCKET = 'unix:///var/run/docker.sock';

/** A host over SSH, as root or as a user with passwordless sudo. */
export class SshMachine implements Machine {
  readonly name: string;

  private constructor(
    private readonly ssh: SshConnection,
    name: string,
    private readonly isRoot: boolean,
  ) {
    this.name = name;
  }

  /** Logs in and checks the user. Throws SSH_SUDO_NEEDED and connection errors. */
  static async open(ssh: SshConnection): Promise<SshMachine> {
    const [user, name] = await Promise.all([ssh.exec(['id', '-u']), ssh.exec(['uname', '-n'])]);
    const isRoot = user.stdout.toString().trim() === '0';
    if (!isRoot && (await ssh.exec(['sudo', '-n', 'true'])).code !== 0) {
      throw fail('SSH_SUDO_NEEDED', { target: ssh.where, user: ssh.target.user });
    }
    return new SshMachine(ssh, name.stdout.toString().trim() || ssh.target.host, isRoot);
  }

  /** Its engine, through the Docker client there: no port is opened for it. */
  get engine(): EngineAddress {
    const where = `ssh://${this.ssh.where}`;
    const argv = this.asRoot(['docker', '--host', SOCKET, 'system', 'dial-stdio']);
    const refused = (code: number, words: string): Error =>
      fail('ENGINE_UNREACHABLE', {
        where,
        why: words.split('\n').at(-1) || `the Docker client there ended with exit code ${code}`,
      });
    return { where, dial: () => this.ssh.duplex(argv, refused) };
  }

  asRoot(argv: readonly string[]): readonly string[] {
    return this.isRoot ? argv : ['sudo', '-n', '--', ...argv];
  }

  async run(argv: readonly string[], { env = {}, ...options }: RunCommandOptions = {}): Promise<CommandResult> {
    const { code, stdout, stderr } = await this.ssh.exec(withEnvironment(argv, env), options);
    return { code, stdout: lastLineEnded(stdout.toString()), stderr: lastLineEnded(stderr) };
  }

  stream(argv: readonly string[], options: { signal?: AbortSignal } = {}): RunningCommand {
    const { output, ended } = this.ssh.stream(argv, options);
    return { output, ended: ended.then(({ code, stderr }) => ({ code, stdout: '', stderr: lastLineEnded(stderr) })) };
  }

  async readFile(path: string): Promise<string | undefined> {
    const { code, stdout } = await this.#root(['cat', '--', path]);
    return code === 0 ? stdout.toString() : undefined;
  }

  writeFile(path: string, content: Buffer, options: { mode: number }): Promise<void> {
    return replaceFile(this, path, content, options);
  }

  async listFolder(path: string): Promise<string[]> {
    const { stdout } = await this.#root([
      'find',
      path.endsWith('/') ? path : `${path}/`,
      '-mindepth',
      '1',
      '-maxdepth',
      '1',
      '-printf',
      '%f\\0',
    ]);
    return stdout
      .toString()
      .split('\0')
      .filter((name) => name !== '')
      .sort();
  }

  async addresses(): Promise<string[]> {
    const [routes = '', list] = await Promise.all([
      this.readFile('/proc/net/route'),
      this.ssh.exec(['ip', '-o', '-4', 'address', 'show', 'scope', 'global']),
    ]);
    const each = list.stdout
      .toString()
      .split('\n')
      .map((line) => /^\d+: (\S+)\s+inet ([\d.]+)/.exec(line));
    return reachableAddresses(
      routes,
      each.flatMap((found) => (found ? [{ name: found[1]!, address: found[2]! }] : [])),
    );
  }

  async resolves(name: string): Promise<boolean> {
    return (await this.ssh.exec(['getent', 'ahosts', name])).code === 0;
  }

  async accepts(address: string, port: number): Promise<boolean> {
    return (
      (await this.ssh.exec(['timeout', CONNECT_TIMEOUT_S, 'bash', '-c', CONNECT, address, String(port)])).code === 0
    );
  }

  #root(argv: readonly string[]): Promise<SshResult> {
    return this.ssh.exec(this.asRoot(argv));
  }
}

function withEnvironment(argv: readonly string[], env: Readonly<Record<string, string>>): readonly string[] {
  const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return settings.length === 0 ? argv : ['env', ...settings, ...argv];
}

function lastLineEnded(text: string): string {
  return text.replace(/\r?\n$/, '');
}
