import { lookup } from 'node:dns/promises';
import { readFile, readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { hostname, networkInterfaces, userInfo } from 'node:os';
import { execa } from 'execa';
import { reachableAddresses } from './default-route.ts';
import type { CommandResult, Machine, RunCommandOptions, RunningCommand } from '../machine.ts';
import { replaceFile } from '../replace-file.ts';

const CONNECT_TIMEOUT_MS = 2_000;
const TIMED_OUT = 124;

/** The local computer. */
export class LocalMachine implements Machine {
  readonly name = hostname();

  asRoot(argv: readonly string[]): readonly string[] {
    return userInfo().uid === 0 ? argv : ['sudo', '-n', ...argv];
  }

  async run(argv: readonly string[], options: RunCommandOptions = {}): Promise<CommandResult> {
    const [file = '', ...args] = argv;
    const result = await execa(file, args, {
      reject: false,
      ...(options.input ? { input: options.input } : { stdin: 'ignore' as const }),
      ...(options.timeoutMs ? { timeout: options.timeoutMs } : {}),
      ...(options.env ? { env: { ...options.env } } : {}),
    });
    return {
      code: result.timedOut ? TIMED_OUT : (result.exitCode ?? 127),
      stdout: result.stdout,
      stderr: result.stderr,
    };
  }

  stream(argv: readonly string[], options: { signal?: AbortSignal } = {}): RunningCommand {
    const [file = '', ...args] = argv;
    const child = execa(file, args, {
      reject: false,
      stdin: 'ignore',
      buffer: { stdout: false },
      encoding: 'utf8',
      ...(options.signal ? { cancelSignal: options.signal } : {}),
    });
    const ended = child.then((result) => ({
      code: result.exitCode ?? 127,
      stdout: '',
      stderr: typeof result.stderr === 'string' ? result.stderr : '',
    }));
    return { output: child.stdout, ended };
  }

  async readFile(path: string): Promise<string | undefined> {
    return readFile(path, 'utf8').catch(() => undefined);
  }

  writeFile(path: string, content: Buffer, options: { mode: number }): Promise<void> {
    return replaceFile(this, path, content, options);
  }

  async listFolder(path: string): Promise<string[]> {
    return (await readdir(path).catch(() => [])).sort();
  }

  async addresses(): Promise<string[]> {
    const all = Object.entries(networkInterfaces()).flatMap(([name, each]) =>
      (each ?? []).map((one) => ({ name, ...one })),
    );
    return reachableAddresses(
      (await this.readFile('/proc/net/route')) ?? '',
      all.filter((one) => one.family === 'IPv4' && !one.internal),
    );
  }

  async resolves(name: string): Promise<boolean> {
    return lookup(name).then(
      () => true,
      () => false,
    );
  }

  accepts(address: string, port: number): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect({ host: address, port, timeout: CONNECT_TIMEOUT_MS });
      const answer = (accepted: boolean): void => {
        socket.destroy();
        resolve(accepted);
      };
      socket.once('connect', () => answer(true));
      socket.once('timeout', () => answer(false));
      socket.once('error', () => answer(false));
    });
  }
}
