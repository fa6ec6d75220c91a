import { homedir } from 'node:os';
import { fail } from '#errors';
import { systemClock } from '#events';
import type { Io } from './io.ts';

/** The real process; nothing else in the CLI accesses it. */
export function processIo(): Io {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    get cwd() {
      return cwd();
    },
    clock: systemClock,
    home: home(),
    onSignal: (signal, listener) => {
      process.on(signal, listener);
      return () => process.off(signal, listener);
    },
  };
}

/** Throws FOLDER_GONE. */
function cwd(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw fail('FOLDER_GONE', {}, error);
  }
}

/** Like Docker, `/` for a user without a home, such as a container's user without an entry in passwd. */
function home(): string {
  try {
    return homedir() || '/';
  } catch {
    return '/';
  }
}
