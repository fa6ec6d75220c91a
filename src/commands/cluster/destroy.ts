import { own } from '#values/own.ts';
import { counted } from '#values/counted.ts';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as Flags from '@oclif/core/flags';
import { confirmFlag } from '#cli/program/args.ts';
import { BaseCommand } from '#cli/command/base-command.ts';
import { clusterKeyFile } from '#cli/session/cluster-key.ts';
import { contextsFile, isContextOf, readContexts, removeContext } from '#cli/session/contexts.ts';
import { fleetOptions } from '#cli/parse/fleet-options.ts';
import { ask, confirmName } from '#cli/output/prompts.ts';
import { findMachineContext, type NamedContext } from '#cli/session/session.ts';
import type { Destroyed, DestroyOptions, ObservedCluster } from '#cluster';
import { fail } from '#errors';
import type { Host } from '#events';
import type { MachineSource, Provider } from '#provision';

/** A cluster to be destroyed. */
interface DestroyTarget {
  readonly name: string;
  /** Where it is, and what would be removed. */
  readonly what: string;
  readonly run: (confirm: string, options: DestroyOptions) => Promise<Destroyed>;
  /** Removes what this computer knows about it. */
  readonly forget: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export default class ClusterDestroy extends BaseCommand {
  static override summary = 'Destroy the cluster';
  static override description =
    'Removes every app with its data and everything that setup created: services, networks, ' +
    'volumes, settings and tokens. Images stay unless you specify --images. Leaves the Swarm and ' +
    'terminates machines if setup created them. This cannot be undone. Run it on the machine ' +
    'where you ran setup. Also removes what an interrupted setup has created.';
  static override examples = [
    'mothership cluster:destroy',
    'mothership cluster:destroy --context staging',
    'mothership cluster:destroy --confirm mothership --images',
  ];
  static override flags = {
    confirm: confirmFlag('cluster'),
    images: Flags.boolean({ description: 'Also remove the images of apps and of the platform' }),
    'keep-swarm': Flags.boolean({ description: 'Stay in the Swarm' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(ClusterDestroy);
    const options = { images: flags.images, keepSwarm: flags['keep-swarm'] };
    const context = await findMachineContext(this.io, flags.context);
    const target = context?.machines
      ? await this.#fleet(context, context.machines, options)
      : await this.#here(context, options);
    try {
      const address = context?.url ? ` at ${context.url}` : '';
      const warning = `This destroys the cluster ${target.name}${address}: ${target.what}.`;
      if (flags.confirm !== undefined) this.notice(warning);
      const confirm = await confirmName(this.io, target.name, flags.confirm, warning);
      const result = await target.run(confirm, options);
      await target.forget();
      this.print(result, () => [ending(result)]);
    } finally {
      await target.close();
    }
  }

  get #host(): Host {
    return {
      notify: (event) => this.progress.notify(event),
      ask: (question: never) => ask(this.io, question) as never,
    };
  }

  /** The cluster of the local engine. Throws CONTEXT_ELSEWHERE if it is not the context's. */
  async #here(context: NamedContext | undefined, wanted: DestroyOptions): Promise<DestroyTarget> {
    const [{ Destroy, describeRemovals }, { localCluster }] = await Promise.all([
      import('#cluster'),
      import('#setup/local-cluster.ts'),
    ]);
    const local = await localCluster({
      dockerHost: this.io.env['DOCKER_HOST'],
      address: undefined,
      installation: fileURLToPath(import.meta.url),
    });
    const destroy = new Destroy({ ...local, clock: this.io.clock, host: this.#host });
    const observed = await destroy.observe(wanted);
    const { name = 'mothership', domain } = observed;
    const { where } = local;
    if (context && !isContextOf(context, { name, domain }))
      throw fail('CONTEXT_ELSEWHERE', { context: context.name, url: context.url, where, found: name });
    return {
      name,
      what: [`the Docker Engine at ${where}`, describeRemovals(observed, wanted)].join('; '),
      run: (confirm, options) => destroy.run(confirm, options),
      forget: () => this.#forgetHere(name, domain),
      close: () => Promise.resolve(),
    };
  }

  /** The cluster on machines that setup was given or created. */
  async #fleet(context: NamedContext, source: MachineSource, wanted: DestroyOptions): Promise<DestroyTarget> {
    const { name } = context;
    const { openFleet } = await import('#setup/open-fleet.ts');
    const parts = await openFleet(source, {
      ...fleetOptions(this.io, this.cli, name, this.#host),
      findToken: () => Promise.resolve(undefined),
      keepMachines: () => Promise.resolve(),
      keepToken: () => Promise.resolve(),
    });
    const close = (): Promise<void> => parts.provider.close();
    try {
      const { FleetDestroy } = await import('#cluster');
      const destroy = new FleetDestroy(parts);
      const what = await describeFleet(context, parts.provider, await destroy.observe(name, wanted), wanted);
      const run: DestroyTarget['run'] = async (confirm, options) => {
        if (confirm !== name) throw fail('CONFIRM_MISMATCH', { app: name, given: confirm });
        return destroy.run(name, options);
      };
      return { name, what, run, forget: () => this.#forgetFleet(name), close };
    } catch (error) {
      await close();
      throw error;
    }
  }

  async #forgetFleet(name: string): Promise<void> {
    const { knownHostsFile } = await import('#setup/open-fleet.ts');
    const file = contextsFile(this.io);
    await removeContext(file, name);
    for (const each of [knownHostsFile(dirname(file), name), clusterKeyFile(this.io, name)])
      await rm(each, { force: true });
  }

  async #forgetHere(name: string, domain: string | undefined): Promise<void> {
    const file = contextsFile(this.io);
    const { contexts } = await readContexts(file);
    const context = own(contexts, name);
    if (context && !context.machines && isContextOf({ ...context, name }, { name, domain }))
      await removeContext(file, name);
  }
}

function ending({ cluster, removed, leftSwarm }: Destroyed): string {
  const onlyImages = Object.keys(removed).join() === 'images' && !leftSwarm;
  return onlyImages
    ? `Removed ${counted(removed.images ?? 0, 'images')} of a cluster that was destroyed before.`
    : `Destroyed the cluster ${cluster}.`;
}

/** Throws MACHINES_NOT_FOUND, or CONTEXT_ELSEWHERE if another cluster is on its machines. */
async function describeFleet(
  context: NamedContext,
  provider: Provider,
  observed: ObservedCluster | undefined,
  wanted: DestroyOptions,
): Promise<string> {
  const { name, url } = context;
  const { describeRemovals } = await import('#cluster');
  const { where, resources } = await provider.inventory(name);
  // Other credentials see another account. An interrupted setup may have created nothing.
  if (resources.length === 0 && url !== '') throw fail('MACHINES_NOT_FOUND', { cluster: name, where });
  const { name: found = name, domain } = observed ?? {};
  if (!isContextOf(context, { name: found, domain }))
    throw fail('CONTEXT_ELSEWHERE', { context: name, url, where, found });
  return [where, resources.join(', ') || 'no machines', ...(observed ? [describeRemovals(observed, wanted)] : [])].join(
    '; ',
  );
}
