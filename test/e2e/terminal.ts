import { execa } from 'execa';
import type { Cluster, Ended } from '../fixtures/cluster.ts';

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** Runs the program on a terminal of its own, types `keys` once `prompt` was seen, and answers what the terminal showed. */
export async function onTerminal(
  mothership: Cluster,
  argv: readonly string[],
  typing: readonly { readonly after: string; readonly keys: string }[],
): Promise<Ended> {
  const line = ['stty cols 100 rows 30;', 'exec', ...mothership.argv(argv).map(quote)].join(' ');
  const terminal = execa('script', ['-qefc', line, '/dev/null'], {
    cwd: mothership.home,
    env: { ...mothership.env, TERM: 'xterm', CI: '' },
    reject: false,
    stdin: 'pipe',
    stripFinalNewline: false,
  });
  let shown = '';
  let seen = 0;
  const waiting = [...typing];
  terminal.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    const [next] = waiting;
    const at = next ? shown.indexOf(next.after, seen) : -1;
    if (!next || at < 0) return;
    seen = at + next.after.length;
    waiting.shift();
    terminal.stdin.write(next.keys);
  });
  const { exitCode, stderr } = await terminal;
  return { code: exitCode ?? -1, stdout: shown, stderr };
}
