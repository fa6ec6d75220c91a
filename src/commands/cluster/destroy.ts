import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as Flags from '@oclif/core/flags';
import { confirmFlag } from '#cli/program/args.ts';
import { BaseCommand } from '#cli/command/base-command.ts';
import { contextsFile, readContexts, removeContext } from '#cli/session/contexts.ts';
import { fleetOptions } from '#cli/parse/fleet-options.ts';
import { ask, confirmName } from '#cli/output/prompts.ts';
import type { Destroyed, DestroyOptions, ObservedCluster } from '#cluster';
import { fail } from '#errors';
import type { Host } from '#events';
import type { MachineSource } from '#provision';

/** A cluster to be destroyed. */
interface DestroyTarget {
  readonly name: string;
  readonly what: string;
  readonly run: (confirm: string, options: DestroyOptions) => Promise<Destroyed>;
  /** Removes what this computer knows about the machines. */
  readonly forget: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export default class ClusterDestroy extends BaseCommand {
  static override summary = 'Destroy the cluster';
  static override description =
    'Removes every app with its data and everything that setup created: services, networks, ' +
    'volumes, settings and tokens; with --images, also images. Leaves the Swarm and ' +
    'terminates machines if setup created them. This cannot be undone. Run it on the machine ' +
    'where you ran setup.';
  static override examples = ['mothership cluster:destroy', 'mothership cluster:destroy --confirm mothership --images'];
  static override flags = {
    confirm: confirmFlag('cluster'),
    images: Flags.boolean({ description: 'Also remove the images of apps and of the platform' }),
    'keep-swarm': Flags.boolean({ description: 'Stay in the Swarm' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(ClusterDestroy);
    const known = await readContexts(contextsFile(this.io));
    const name = flags.context ?? known.current ?? 'mothership';
    const machines = known.contexts[name]?.machines;
    const work = machines ? await this.#fleet(name, machines) : await this.#here();
    try {
      const confirm = await confirmName(
        this.io,
        work.name,
        flags.confirm,
        `This destroys the cluster ${work.name}: ${work.what}.`,
      );
      const result = await work.run(confirm, { images: flags.images, keepSwarm: flags['keep-swarm'] });
      await this.#forget(work.name);
      await work.forget();
      this.print(result, () => [`Destroyed the cluster ${work.name}.`]);
    } finally {
      await work.close();
    }
  }

  get #host(): Host {
    return {
      notify: (event) => this.progress.notify(event),
      ask: (question: never) => ask(this.io, question) as never,
    };
  }

  /** The cluster of the local engine. */
  async #here(): Promise<DestroyTarget> {
    const [{ Destroy }, { localCluster }] = await Promise.all([import('#cluster'), import('#setup/local-cluster.ts')]);
    const local = await localCluster({
      dockerHost: this.io.env['DOCKER_HOST'],
      address: undefined,
      installation: fileURLToPath(import.meta.url),
    });
    const destroy = new Destroy({ ...local, clock: this.io.clock, host: this.#host });
    const observed = await destroy.observe();
    return {
      name: observed.name ?? 'mothership',
      what: count(observed),
      run: (confirm, options) => destroy.run(confirm, options),
      forget: nothing,
      close: nothing,
    };
  }

  /** The cluster on machines that setup was given or created. */
  async #fleet(name: string, machines: MachineSource): Promise<DestroyTarget> {
    const [{ FleetDestroy }, { knownHostsFile, openFleet }] = await Promise.all([
      import('#cluster'),
      import('#setup/open-fleet.ts'),
    ]);
    const parts = await openFleet(machines, {
      ...fleetOptions(this.io, this.cli, name, this.#host),
      findToken: () => Promise.resolve(undefined),
      keepToken: () => Promise.resolve(),
    });
    const destroy = new FleetDestroy(parts);
    const observed = await destroy.observe(name);
    const what = [`${machines.managers + machines.workers} machines`, ...(observed ? [count(observed)] : [])].join(
      ', ',
    );
    const run: DestroyTarget['run'] = async (confirm, options) => {
      if (confirm !== name) throw fail('CONFIRM_MISMATCH', { app: name, given: confirm });
      return destroy.run(name, options);
    };
    const known = knownHostsFile(dirname(contextsFile(this.io)), name);
    return { name, what, run, forget: () => rm(known, { force: true }), close: () => parts.provider.close() };
  }

  async #forget(name: string): Promise<void> {
    const file = contextsFile(this.io);
    if (Object.hasOwn((await readContexts(file)).contexts, name)) await removeContext(file, name);
  }
}

const nothing = (): Promise<void> => Promise.resolve();

function count({ objects }: ObservedCluster): string {
  return Object.entries(objects)
    .filter(([, all]) => all.length > 0)
    .map(([group, all]) => `${all.length} ${group}`)
    .join(', ');
}
