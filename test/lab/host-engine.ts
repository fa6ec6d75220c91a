import { spawn } from 'node:child_process';
import { mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HOST_SOCKET, asRoot, dockerArgv, hostDocker, must, run, waitUntil } from './command.js';
import { installCommands, type DebianCommand } from './debian-packages.js';
import { RUN_LABEL, labRoot } from './lab-paths.js';
import { isAlive, withLock } from './lock.js';

const NEEDED: readonly DebianCommand[] = [
  ['dockerd', 'docker.io'],
  ['docker', 'docker-cli'],
  ['iptables', 'iptables'],
  ['mmdebstrap', 'mmdebstrap'],
];

const pidFile = (): string => join(labRoot(), 'host-dockerd.pid');

/** True when an engine answers on the host's socket. */
export async function hostEngineAnswers(): Promise<boolean> {
  const argv = dockerArgv(HOST_SOCKET, ['version', '--format', '{{.Server.Version}}']);
  return (await run(argv, { timeoutMs: 10_000 })).code === 0;
}

async function isSystemd(): Promise<boolean> {
  return stat('/run/systemd/system').then(
    () => true,
    () => false,
  );
}

async function startDockerd(): Promise<void> {
  const log = await open(join(labRoot(), 'host-dockerd.log'), 'a');
  const [file, ...args] = asRoot(['dockerd']);
  const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };
  const child = spawn(file!, args, { detached: true, stdio: ['ignore', log.fd, log.fd], env });
  child.unref();
  await log.close();
  await writeFile(pidFile(), String(child.pid));
}

/**
 * Makes an engine answer on this host, so that `npm test` works on a bare Debian machine. Does nothing when one
 * answers already; what it starts it notes in a file, for stopHostEngine().
 */
export async function ensureHostEngine(): Promise<void> {
  await mkdir(labRoot(), { recursive: true });
  await withLock('host-engine', async () => {
    await installCommands(NEEDED);
    if (await hostEngineAnswers()) return;
    if (await isSystemd()) await must(asRoot(['systemctl', 'start', 'docker']));
    else await startDockerd();
    await waitUntil('the host engine to answer', 60_000, hostEngineAnswers);
  });
}

/** Stops the engine only if the lab started it and no lab container needs it any more; says whether it did. */
export async function stopHostEngine(): Promise<boolean> {
  const pid = Number(await readFile(pidFile(), 'utf8').catch(() => ''));
  if (!(pid > 0) || !isAlive(pid)) return false;
  if ((await hostDocker(['ps', '-aq', '--filter', `label=${RUN_LABEL}`])) !== '') return false;
  // A cluster may have been set up on it since.
  if ((await hostDocker(['info', '--format', '{{.Swarm.LocalNodeState}}'])) !== 'inactive') return false;
  await must(asRoot(['kill', '-TERM', String(pid)]));
  await waitUntil('the host engine to stop', 60_000, async () => !isAlive(pid));
  await rm(pidFile(), { force: true });
  return true;
}
