import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '#cli/command/base-command.ts';
import { formatDuration } from '#cli/output/text.ts';
import { findMachineContext, namedContext } from '#cli/session/session.ts';
import { fail } from '#errors';
import type { Chaos, ChaosKind, ChaosReport } from '#provision/practice';

const ACTIONS = ['kill', 'pause', 'partition', 'heal'] as const;
const UNITS = { s: 1_000, m: 60_000 };

export default class ClusterChaos extends BaseCommand {
  static override summary = 'Break a node of a practice cluster, or heal it';
  static override description =
    'Simulates the loss of a node. `kill` stops it immediately, `pause` freezes it, ' +
    '`partition` cuts it off from the other nodes, and `heal` undoes all of these. Works only ' +
    'on practice clusters, whose nodes are containers on this machine. Run it on the machine ' +
    'where you ran setup.';
  static override examples = [
    'mothership cluster:chaos kill node-2',
    'mothership cluster:chaos partition node-3 --for 30s',
    'mothership cluster:chaos heal node-2',
  ];
  static override args = {
    action: Args.string({ description: ACTIONS.join(', '), options: [...ACTIONS], ignoreStdin: true, required: true }),
    node: Args.string({ description: 'Name or number of the node', ignoreStdin: true, required: true }),
  };
  static override flags = {
    for: Flags.string({
      description: 'Heal automatically after this time, such as 30s or 2m; Ctrl-C heals immediately',
      helpValue: 'TIME',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterChaos);
    const ms = flags.for === undefined ? undefined : duration(flags.for);
    const [{ Chaos, DockerClient }, { LocalMachine }, { engineAddress }] = await Promise.all([
      import('#provision/practice'),
      import('#provision/local/local-machine.ts'),
      import('#engine'),
    ]);
    const docker = new DockerClient(new LocalMachine(), engineAddress(this.io.env['DOCKER_HOST']));
    const chaos = new Chaos(docker, await this.#cluster(flags.context));
    const reports =
      args.action === 'heal'
        ? [await chaos.heal(args.node)]
        : await this.#harm(chaos, args.action as ChaosKind, args.node, ms);
    const { node, container } = reports[0]!;
    const done = reports.flatMap((report) => report.done);
    const heal = args.action === 'heal' || ms !== undefined ? undefined : `mothership cluster:chaos heal ${args.node}`;
    this.print({ action: args.action, node, container, done, healed: !heal }, () => [
      ...done,
      ...(heal ? [`To heal it, run \`${heal}\`.`] : []),
    ]);
  }

  /** Undefined for whatever practice cluster is here. Throws CONTEXT_UNKNOWN. */
  async #cluster(flag: string | undefined): Promise<string | undefined> {
    if (namedContext(this.io, flag) === undefined) return undefined;
    return (await findMachineContext(this.io, flag))?.name;
  }

  async #harm(chaos: Chaos, kind: ChaosKind, node: string, ms: number | undefined): Promise<ChaosReport[]> {
    if (ms === undefined) return [await chaos.inflict(kind, node)];
    const enough = new AbortController();
    const release = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) =>
      this.io.onSignal(signal, () => enough.abort()),
    );
    try {
      const harmed = await chaos.inflict(kind, node);
      for (const message of harmed.done) this.notice(message);
      this.notice(`Healing in ${formatDuration(ms)}; press Ctrl-C to heal now.`);
      await this.io.clock.sleep(ms, enough.signal).catch(() => undefined);
      return [await chaos.heal(node)];
    } finally {
      for (const undo of release) undo();
    }
  }
}

/** Milliseconds. */
function duration(given: string): number {
  const [, number, unit] = /^(\d{1,4})([sm])$/.exec(given) ?? [];
  if (!number || !Number(number)) throw fail('CHAOS_TIME_INVALID', { given });
  return Number(number) * UNITS[unit as keyof typeof UNITS];
}
