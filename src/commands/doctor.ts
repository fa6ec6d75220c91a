import { fileURLToPath } from 'node:url';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '#cli/command/base-command.ts';
import { findMachineContext } from '#cli/session/session.ts';
import { ExitStatus } from '#cli/program/exit-status.ts';
import type { Paint } from '#cli/output/text.ts';
import type { Check } from '#cluster';
import { isMothershipError } from '#errors';
import { Secret } from '#events';

const MARKS = { ok: ['green', '✓'], warning: ['yellow', '!'], failed: ['red', '✗'] } as const;

export default class DoctorCommand extends BaseCommand {
  static override summary = 'Diagnose the cluster on this machine';
  static override description =
    'Checks the engine, Swarm, nodes, controller, routers, ports, disk and clock from a ' +
    'manager, and suggests a fix for each problem. Changes nothing. Exits with 1 if a check ' +
    'fails.';
  static override examples = ['mothership doctor', 'mothership doctor --json'];
  static override flags = {
    address: Flags.string({
      description: 'Where to reach the router from here; defaults to the address given to setup',
      helpValue: 'IP',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(DoctorCommand);
    const context = await this.#context(flags.context);
    const [{ Doctor }, { localCluster }] = await Promise.all([import('#cluster'), import('#setup/local-cluster.ts')]);
    const local = await localCluster({
      dockerHost: this.io.env['DOCKER_HOST'],
      address: flags.address ?? context?.address,
      installation: fileURLToPath(import.meta.url),
    });
    const doctor = new Doctor({
      ...local,
      clock: this.io.clock,
      token: context?.token ? new Secret(context.token) : undefined,
    });
    const checks = await doctor.run();
    this.print(checks, (paint) => checks.flatMap((check) => describe(check, paint)));
    if (checks.some((check) => check.state === 'failed')) throw new ExitStatus(1);
  }

  /** A broken contexts file must not stop the doctor. Throws CONTEXT_UNKNOWN. */
  async #context(flag: string | undefined) {
    return findMachineContext(this.io, flag).catch((error: unknown) => {
      if (isMothershipError(error, 'CONTEXT_UNKNOWN')) throw error;
      return undefined;
    });
  }
}

function describe({ check, state, detail, fix }: Check, paint: Paint): string[] {
  const [style, mark] = MARKS[state];
  return [`${paint(style, mark)} ${check}: ${detail}`, ...(fix ? [`    ${fix}`] : [])];
}
