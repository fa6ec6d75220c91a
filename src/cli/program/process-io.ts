import { homedir } from 'node:os';
import { systemClock } from '#events';
import type { Io } from './io.ts';

/** The real process; nothing else in the CLI accesses it. */
export function processIo(): Io {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    clock: systemClock,
    home: home(),
    onSignal: (signal, listener) => {
      process.on(signal, listener);
      return () => process.off(signal, listener);
    },
  };
}

/** Like Docker, `/` for a user without a home, such as a container's user without an entry in passwd. */
function home(): string {
  try {
    return homedir() || '/';
  } catch {
    return '/';
  }
}
