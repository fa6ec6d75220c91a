import { homedir } from 'node:os';
import { systemClock } from '../../events/index.ts';
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
    home: homedir(),
    onSignal: (signal, listener) => {
      process.on(signal, listener);
      return () => process.off(signal, listener);
    },
  };
}
