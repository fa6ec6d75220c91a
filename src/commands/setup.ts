import { own } from '#values/own.ts';
import { fileURLToPath } from 'node:url';
import { BaseCommand } from '#cli/command/base-command.ts';
import {
  contextsFile,
  findContext,
  isContextOf,
  readContexts,
  saveContext,
  saveMachines,
  type Context,
} from '#cli/session/contexts.ts';
import { fleetOptions } from '#cli/parse/fleet-options.ts';
import { isLocalhost } from '#cli/session/localhost.ts';
import { chooseMachines, type ChosenMachines } from '#cli/parse/machine-flags.ts';
import { setupFlags, setupOptions, type SetupFlags } from '#cli/parse/setup-flags.ts';
import { ask } from '#cli/output/prompts.ts';
import { namedContext } from '#cli/session/session.ts';
import { formatDuration, type Paint } from '#cli/output/text.ts';
import type { ClusterAccess, SetupResult } from '#cluster';
import { fail } from '#errors';
import { Secret, type Event, type Host } from '#events';
import type { MachineSource } from '#provision';
import type { LocalCluster } from '#setup/local-cluster.ts';

const DEFAULT_NAME = 'mothership';

export default class SetupCommand extends BaseCommand {
  static override summary = 'Set up a cluster on this machine or several';
  static override description =
    'Turns the Docker Engine on this machine into a cluster: Swarm, images, networks, ' +
    'firewall rules, controller and router. Shows its plan first. Run it again after an interruption or to ' +
    'change settings: only missing parts are set up.';
  static override examples = [
    'mothership setup',
    'mothership setup --domain example.com --yes',
    'mothership setup --http-port 8080 --https-port 8443',
    'mothership setup --plan',
  ];
  static override flags = setupFlags;

  async run(): Promise<void> {
    const { flags } = await this.parse(SetupCommand);
    const name = await this.#name(flags);
    const before = (await this.#context(name ?? DEFAULT_NAME))?.machines;
    const chosen = await chooseMachines(flags, this.io, name ?? DEFAULT_NAME, before);
    return chosen ? this.#fleet({ ...flags, name: name ?? DEFAULT_NAME }, chosen) : this.#here(flags, name);
  }

  /** --name, or else the name of an existing context. Throws CONTEXT_UNKNOWN. */
  async #name(flags: SetupFlags): Promise<string | undefined> {
    const context = namedContext(this.io, flags.context);
    if (flags.name !== undefined || context === undefined) return flags.name;
    findContext(await readContexts(contextsFile(this.io)), context);
    return context;
  }

  /** Sets up several machines. */
  async #fleet(flags: SetupFlags & { name: string }, { source, key }: ChosenMachines): Promise<void> {
    const { Fleet } = await import('#cluster');
    const { openFleet } = await import('#setup/open-fleet.ts');
    const host = this.#host(flags.verbose);
    const { name } = flags;
    const parts = await openFleet(source, {
      ...fleetOptions(this.io, this.cli, name, host),
      findToken: (cluster) => this.#token(cluster),
      keepMachines: async () => {
        await key?.save();
        await saveMachines(contextsFile(this.io), name, source);
      },
      // Saved with the first machine's address immediately; the others follow when all machines exist.
      keepToken: (given) => this.#keep(given, source),
    });
    await this.stoppable(async (signal) => {
      try {
        const { managers, workers, zones } = source;
        const result = await new Fleet(parts).run(
          { cluster: name, managers, workers, zones },
          await setupOptions(flags, this.io, ''),
          signal,
        );
        if (!result) return this.print({ plan: true });
        const address = result.machines.map((machine) => machine.address).join(',');
        await this.#refresh(result, { address, machines: source });
        const limits = (await parts.provider.limits?.()) ?? [];
        this.print({ ...toJson(result), machines: result.machines, limits }, (paint) => [
          ...this.#summary(result, paint),
          ...noteLimits(limits),
        ]);
      } finally {
        await parts.provider.close();
      }
    });
  }

  /** Sets up this machine only. */
  async #here(flags: SetupFlags, name: string | undefined): Promise<void> {
    const [{ Setup }, { localCluster }] = await Promise.all([import('#cluster'), import('#setup/local-cluster.ts')]);
    const local = await localCluster({
      dockerHost: this.io.env['DOCKER_HOST'],
      address: flags.address ?? (await this.#context(name ?? DEFAULT_NAME))?.address,
      installation: fileURLToPath(import.meta.url),
    });
    if (flags.name === undefined && name !== undefined) await this.#expectHere(local, name);
    const host = this.#host(flags.verbose);
    const setup = new Setup({
      ...local,
      provider: 'local',
      clock: this.io.clock,
      host,
      version: this.cli.version,
      findToken: (cluster) => this.#token(cluster),
      keepToken: (access) => this.#keep(access),
    });
    const options = await setupOptions({ ...flags, name }, this.io, local.address);
    await this.stoppable(async (signal) => {
      const result = await setup.run(options, signal);
      if (!flags.plan) await this.#refresh(result);
      this.print(toJson(result), (paint) => (flags.plan ? [] : this.#summary(result, paint)));
    });
  }

  /** Throws CONTEXT_ELSEWHERE if the named context is another cluster than the local engine's. */
  async #expectHere({ engine, store, where }: LocalCluster, context: string): Promise<void> {
    const known = findContext(await readContexts(contextsFile(this.io)), context);
    const record = (await engine.info()).swarm === 'manager' ? await store.cluster.get() : undefined;
    if (!record || !isContextOf({ ...known, name: context }, record))
      throw fail('CONTEXT_ELSEWHERE', { context, url: known.url, where, ...(record ? { found: record.name } : {}) });
  }

  #host(verbose: boolean): Host {
    return {
      notify: (event: Event) => {
        if (event.type !== 'output' || verbose) this.progress.notify(event);
      },
      ask: (question: never) => {
        this.progress.pause();
        return ask(this.io, question);
      },
    } as Host;
  }

  async #token(cluster: string): Promise<Secret | undefined> {
    const token = (await this.#context(cluster))?.token;
    return token ? new Secret(token) : undefined;
  }

  async #context(cluster: string): Promise<Context | undefined> {
    const { contexts } = await readContexts(contextsFile(this.io));
    return own(contexts, cluster);
  }

  async #keep({ cluster, url, domain, address, token }: ClusterAccess, machines?: MachineSource): Promise<void> {
    const known = isLocalhost(domain) && address === '127.0.0.1';
    await saveContext(contextsFile(this.io), cluster, {
      url,
      domain,
      token: token.reveal(),
      ...(known ? {} : { address }),
      ...(machines ? { machines } : {}),
    });
  }

  /** Updates the context, whose token stays. With several addresses, the next is tried if one is lost. */
  async #refresh({ cluster, url, domain }: SetupResult, more: Partial<Context> = {}): Promise<void> {
    const context = await this.#context(cluster);
    if (context?.token) await saveContext(contextsFile(this.io), cluster, { ...context, url, domain, ...more });
  }

  #summary({ cluster, url, token, ms }: SetupResult, paint: Paint): string[] {
    return [
      `The cluster ${paint('bold', cluster)} is ready at ` +
        `${paint('bold', url)}${ms > 0 ? ` (${formatDuration(ms)})` : ''}.`,
      ...(token
        ? ['', `Admin token (shown only once): ${token.reveal()}`, `The token is saved in ${contextsFile(this.io)}.`]
        : []),
      '',
      'To deploy an app, run `mothership deploy` in its folder.',
    ];
  }
}

function noteLimits(limits: readonly string[]): string[] {
  return limits.length > 0 ? ['', 'Limitations of this cluster:', ...limits.map((limit) => `- ${limit}`)] : [];
}

function toJson({ token, steps, ...result }: SetupResult): object {
  const planned = steps.map(({ phase, title, cause }) => ({ phase, title, cause }));
  return { ...result, steps: planned, ...(token ? { token: token.reveal() } : {}) };
}
