import { fileURLToPath } from 'node:url';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../cli/base-command.ts';
import { contextsFile, readContexts, removeContext } from '../../cli/contexts.ts';
import { ask, confirmName } from '../../cli/prompts.ts';
import type { ObservedCluster } from '../../cluster/index.ts';
import type { Host } from '../../events/index.ts';

export default class ClusterDestroy extends BaseCommand {
  static override summary = 'Destroy the cluster on this machine';
  static override description = 'Removes every app with its data and all that setup made: services, networks, volumes, settings, tokens; with --images also images. The Swarm ends too if setup made it. This cannot be undone. Run it on the manager.';
  static override examples = ['mothership cluster:destroy', 'mothership cluster:destroy --confirm mothership --images'];
  static override flags = {
    confirm: Flags.string({ char: 'c', description: 'Name of the cluster, instead of typing it at the prompt', helpValue: 'NAME' }),
    images: Flags.boolean({ description: 'Remove the images of apps and platform too' }),
    'keep-swarm': Flags.boolean({ description: 'Stay in the Swarm' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(ClusterDestroy);
    const [{ Destroy }, { localCluster }] = await Promise.all([import('../../cluster/index.ts'), import('../../platform/local-cluster.ts')]);
    const local = await localCluster({ dockerHost: this.io.env['DOCKER_HOST'], address: undefined, installation: fileURLToPath(import.meta.url) });
    const host: Host = { notify: (event) => this.progress.notify(event), ask: (question: never) => ask(this.io, question) as never };
    const destroy = new Destroy({ ...local, clock: this.io.clock, host });
    const observed = await destroy.observe();
    const name = observed.name ?? 'mothership';
    const confirm = await confirmName(this.io, name, flags.confirm, `This destroys the cluster ${name}: ${count(observed)}.`);
    const result = await destroy.run(confirm, { images: flags.images, keepSwarm: flags['keep-swarm'] });
    await this.#forget(name);
    this.print(flags, result, () => [`The cluster ${name} is gone.`]);
  }

  async #forget(name: string): Promise<void> {
    const file = contextsFile(this.io);
    if (Object.hasOwn((await readContexts(file)).contexts, name)) await removeContext(file, name);
  }
}

function count({ objects }: ObservedCluster): string {
  return Object.entries(objects).filter(([, all]) => all.length > 0).map(([group, all]) => `${all.length} ${group}`).join(', ');
}
