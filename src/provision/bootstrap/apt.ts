import { createInterface } from 'node:readline';
import { fail } from '#errors';
import { waitUntil, type Clock } from '#events';
import type { CommandResult, Machine } from '../machine.ts';

const PATIENCE_MS = 300_000;
const LOOK_MS = 2_000;
/** Non-interactive; keeps files that were changed. */
const QUIET = ['env', 'DEBIAN_FRONTEND=noninteractive', 'NEEDRESTART_MODE=a', 'LC_ALL=C'];
const INSTALL = [
  'install',
  '-y',
  '-q',
  '--no-install-recommends',
  '-o',
  'Dpkg::Options::=--force-confdef',
  '-o',
  'Dpkg::Options::=--force-confold',
];
/** A machine that has just booted may be installing updates. */
const LOCKED = /could not get lock|unable to (acquire|lock)|is another process using it/i;

interface AptParts {
  readonly machine: Machine;
  readonly clock: Clock;
  readonly onLine: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** apt on a machine. */
export class Apt {
  #said = '';

  constructor(private readonly parts: AptParts) {}

  /** `optional`: packages that only some distributions have. Throws HOST_PACKAGES. */
  async install(names: readonly string[], optional: readonly string[]): Promise<void> {
    const { machine } = this.parts;
    // An interrupted installation blocks every other.
    await this.#patiently(['dpkg', '--configure', '-a', '--force-confdef', '--force-confold']);
    const updated = await this.#patiently(['apt-get', 'update', '-q']);
    const known = await Promise.all(
      optional.map(async (name) => (await machine.run(['apt-cache', 'show', '--no-all-versions', name])).code === 0),
    );
    const all = [...names, ...optional.filter((_, index) => known[index])];
    const { code } = await this.#patiently(['apt-get', ...INSTALL, ...all]);
    if (code !== 0)
      throw fail('HOST_PACKAGES', {
        machine: machine.name,
        packages: all,
        why: this.#said || `apt-get ended with exit code ${code || updated.code}`,
      });
  }

  /** Retries while another process holds the lock. */
  async #patiently(argv: readonly string[]): Promise<CommandResult> {
    const { clock, signal } = this.parts;
    let result!: CommandResult;
    await waitUntil(clock, { every: LOOK_MS, within: PATIENCE_MS, signal }, async () => {
      result = await this.#run(argv);
      return result.code === 0 || !LOCKED.test(this.#said);
    });
    return result;
  }

  async #run(argv: readonly string[]): Promise<CommandResult> {
    const { machine, onLine, signal } = this.parts;
    const { output, ended } = machine.stream(machine.asRoot([...QUIET, ...argv]), signal ? { signal } : {});
    createInterface({ input: output }).on('line', onLine);
    const result = await ended;
    this.#said = result.stderr
      .split('\n')
      .filter((line) => /^(E|dpkg): /.test(line))
      .join(' ')
      .trim();
    return result;
  }
}
