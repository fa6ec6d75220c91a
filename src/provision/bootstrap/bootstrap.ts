import { fail } from '#errors';
import { inPhase, waitUntil, type Clock, type Host } from '#events';
import { FIREWALL_SCRIPT, SILENCE_NOW, SILENCE_RETRIES, SILENCE_SETTING } from '#nodes';
import type { Machine } from '../machine.ts';
import { Apt } from './apt.ts';
import { engineVersion, observeHost } from './observe-host.ts';
import { planBootstrap, type BootstrapPlan, type BootstrapStep, type HostNeeds } from './bootstrap-plan.ts';
import { applySliceStep } from './slices.ts';

interface BootstrapParts {
  readonly machine: Machine;
  readonly host: Host;
  readonly clock: Clock;
}

const START_MS = 90_000;
const LOOK_MS = 500;
const LOG = '/var/log/dockerd.log';
/** The engine keeps running when this connection ends. */
const DETACHED = `exec setsid -f dockerd >>${LOG} 2>&1 </dev/null`;

/**
 * Prepares a host to be a node. Observes first and does only what is missing, so it can be interrupted and repeated.
 */
export class Bootstrap {
  constructor(private readonly parts: BootstrapParts) {}

  /** Returns what `run` would do. Throws HOST_UNSUPPORTED or HOST_DAEMON_JSON. */
  async plan(needs: HostNeeds): Promise<BootstrapPlan> {
    const { machine } = this.parts;
    return planBootstrap(machine.name, await observeHost(machine, needs.registry?.host), needs);
  }

  /** Throws like `plan`, and HOST_PACKAGES, HOST_ENGINE_SILENT, HOST_FIREWALL or MACHINE_FILE_FAILED. */
  async run(needs: HostNeeds, signal?: AbortSignal): Promise<void> {
    const { host } = this.parts;
    const { steps, warnings } = await this.plan(needs);
    for (const message of warnings) host.notify({ type: 'notice', level: 'warning', message });
    for (const step of steps) await this.#timed(step, signal);
  }

  async #timed(step: BootstrapStep, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { host, clock, machine } = this.parts;
    await inPhase(`${machine.name}: ${step.title}`, () => this.#apply(step, signal), {
      clock,
      emit: (event) => host.notify(event),
    });
  }

  #apply(step: BootstrapStep, signal?: AbortSignal): Promise<void> {
    const { machine, clock, host } = this.parts;
    switch (step.kind) {
      case 'write':
      case 'remove':
      case 'slice':
        return applySliceStep(machine, step);
      case 'firewall':
        return this.#firewall(step.unit);
      case 'silence':
        return this.#giveUpSooner();
      case 'start-engine':
        return this.#startEngine(step.systemd, signal);
      case 'packages': {
        const onLine = (line: string): void => host.notify({ type: 'output', source: machine.name, line });
        return new Apt({ machine, clock, onLine, signal }).install(step.names, step.optional);
      }
    }
  }

  async #firewall(unit: boolean): Promise<void> {
    const { machine } = this.parts;
    const applied = await machine.run(machine.asRoot(['sh', FIREWALL_SCRIPT]));
    if (applied.code !== 0)
      throw fail('HOST_FIREWALL', {
        machine: machine.name,
        why: applied.stderr.split('\n')[0] || `exit code ${applied.code}`,
      });
    if (!unit) return;
    await machine.run(machine.asRoot(['systemctl', 'daemon-reload']));
    await machine.run(machine.asRoot(['systemctl', 'enable', '--quiet', 'mothership-firewall.service']));
  }

  /** A kernel that rejects the setting still works, but is slower to detect lost machines. */
  async #giveUpSooner(): Promise<void> {
    const { machine, host } = this.parts;
    const { code } = await machine.run(
      machine.asRoot(['sh', '-c', 'echo "$1" > "$2"', 'sh', String(SILENCE_RETRIES), SILENCE_NOW]),
    );
    if (code !== 0)
      host.notify({
        type: 'notice',
        level: 'warning',
        message:
          `${machine.name} is slow to notice when another machine is cut off: its kernel does not ` +
          `allow changing ${SILENCE_SETTING}`,
      });
  }

  async #startEngine(systemd: boolean, signal?: AbortSignal): Promise<void> {
    const { machine, clock } = this.parts;
    // The package may still be starting its engine, and two engines must not share a folder.
    if (systemd) await machine.run(machine.asRoot(['systemctl', 'enable', '--now', '--quiet', 'docker.service']));
    else if ((await machine.run(['pgrep', '-x', 'dockerd'])).code !== 0)
      await machine.run(machine.asRoot(['sh', '-c', DETACHED]));
    if (!(await waitUntil(clock, { every: LOOK_MS, within: START_MS, signal }, () => engineVersion(machine))))
      throw fail('HOST_ENGINE_SILENT', { machine: machine.name, lines: await this.#lastWords(systemd) });
  }

  async #lastWords(systemd: boolean): Promise<string[]> {
    const { machine } = this.parts;
    const argv = systemd
      ? ['journalctl', '-u', 'docker.service', '-n', '10', '-o', 'cat', '--no-pager']
      : ['tail', '-n', '10', LOG];
    return (await machine.run(machine.asRoot(argv))).stdout.split('\n');
  }
}
