/**
 * `npm run dev [-- OPTIONS OF SETUP]`: builds at every change and has `mothership setup` replace what changed in a
 * running cluster. Images are named by their content, so a change of the controller costs one image layer and one
 * update of its service.
 */
import { spawnSync } from 'node:child_process';
import { watch } from 'node:fs';

const WATCHED = ['src', 'templates', 'buildpacks'];
/** An editor that saves several files causes one build. */
const QUIET_MS = 100;

function run(...argv: string[]): boolean {
  return spawnSync(process.execPath, argv, { stdio: 'inherit' }).status === 0;
}

function swap(): void {
  const began = Date.now();
  const done =
    run('--import=tsx', 'scripts/build.ts') && run('bin/mothership', 'setup', '--yes', ...process.argv.slice(2));
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  process.stderr.write(`${done ? 'Swapped in' : 'Failed'} after ${seconds} s. Watching ${WATCHED.join(', ')}\n`);
}

let timer: NodeJS.Timeout | undefined;
for (const folder of WATCHED) {
  watch(folder, { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(swap, QUIET_MS);
  });
}
swap();
