// Installs npm packages when node_modules is missing or older than the lock file. `npm test` and `npm run bench` begin here.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

/** npm writes this file at the end of an installation. */
const mark = 'node_modules/.package-lock.json';
const current = existsSync(mark) && statSync(mark).mtimeMs >= statSync('package-lock.json').mtimeMs;
if (!current) process.exitCode = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { stdio: 'inherit' }).status ?? 1;
