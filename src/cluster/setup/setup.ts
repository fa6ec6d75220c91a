import type { Engine } from '#engine';
import { fail } from '#errors';
import { inPhase, type Clock, type Host, type PhaseTeller, type Secret } from '#events';
import type { Machine } from '#provision';
import type { ClusterRecord, Store } from '#store';
import { clusterSpec, registryOf, type ClusterSpec } from './cluster-spec.ts';
import { ImageBuilds } from '../images/image-builds.ts';
import { controllerUrl } from '../names.ts';
import { observeCluster, observeRecord, type Observed } from './observe-cluster.ts';
import { settle, type SetupOptions } from './options.ts';
import type { PackageFiles } from '../images/package-files.ts';
import { planSetup, type SetupStep } from './setup-plan.ts';
import { platformImages } from '../images/platform-images.ts';
import { SetupSteps } from './setup-steps.ts';
import { unconfined } from './confinement.ts';
import { tidy } from './tidy.ts';

export interface SetupParts {
  readonly engine: Engine;
  readonly store: Store;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly host: Host;
  readonly files: PackageFiles;
  /** Version of Mothership. */
  readonly version: string;
  readonly provider: string;
  /** Lets every node trust the registry before the first one pulls from it; multi-node only. */
  readonly trustRegistry?: (ca: Buffer) => Promise<void>;
  /** Returns this machine's token for a cluster of that name. */
  readonly findToken: (cluster: string) => Promise<Secret | undefined>;
  /** Called with the admin token before it becomes valid. */
  readonly keepToken: (context: ClusterAccess) => Promise<void>;
}

/** How a CLI reaches a cluster. */
export interface ClusterAccess {
  readonly cluster: string;
  readonly url: string;
  readonly domain: string;
  readonly address: string;
  readonly token: Secret;
}

export interface SetupResult {
  readonly cluster: string;
  readonly url: string;
  readonly domain: string;
  readonly address: string;
  readonly steps: readonly SetupStep[];
  /** Total duration; phases may overlap. */
  readonly ms: number;
  readonly phases: readonly { readonly phase: string; readonly ms: number }[];
  /** Only if it was created now: it cannot be shown again. */
  readonly token: Secret | undefined;
}

export interface RunOptions extends SetupOptions {
  /** Do not prompt. */
  readonly yes?: boolean;
  /** Prompt for missing options. */
  readonly interactive?: boolean;
  /** Show the plan and exit. */
  readonly planOnly?: boolean;
}

/** Turns a Docker Engine into a cluster. Skips what is already done, so an interrupted run can be repeated. */
export class Setup {
  readonly #phases = new Map<string, number>();

  constructor(private readonly parts: SetupParts) {}

  /** Throws SETUP_* errors, or CANCELLED. */
  async run(options: RunOptions, signal?: AbortSignal): Promise<SetupResult> {
    const { spec, observed } = await this.#observe(options);
    const plan = planSetup(observed, spec);
    this.#show(plan);
    if (options.planOnly) return this.#result(spec, plan);
    await this.#confirm(plan, options.yes ?? false);
    const start = this.parts.clock.now();
    const token = await this.#apply(plan, spec, observed, signal);
    if (plan.length > 0) await tidy(this.parts.engine, spec);
    await this.#warn();
    return this.#result(spec, plan, token, this.parts.clock.now() - start);
  }

  async #observe(options: RunOptions): Promise<{ spec: ClusterSpec; observed: Observed }> {
    const { files, version, provider, findToken } = this.parts;
    const known = await observeRecord(this.parts);
    const settled = settle(await this.#complete(options, known.record), known.record);
    const token = await findToken(settled.name);
    const settings = token ? { ...settled, token } : settled;
    const images = await platformImages(files, settings.stack, settings.mirror, {
      registry: registryOf(settings, known.record)?.kind === 'cluster',
    });
    const spec = clusterSpec({ version, provider, settings, images }, known.record);
    return { spec, observed: await observeCluster(this.parts, spec, known) };
  }

  /** Prompts only for what matters to new users; everything has a default and a flag. */
  async #complete(options: RunOptions, record: ClusterRecord | undefined): Promise<SetupOptions> {
    if (!options.interactive || record || options.domain !== undefined) return options;
    const question = {
      kind: 'text',
      message: 'Domain for apps (*.localhost only works on this machine):',
      flag: '--domain',
      initial: 'localhost',
    } as const;
    return { ...options, domain: String(await this.parts.host.ask(question)).trim() };
  }

  async #warn(): Promise<void> {
    const found = unconfined(await this.parts.engine.nodes());
    if (found) this.parts.host.notify({ type: 'notice', level: 'warning', message: `${found.detail}. ${found.fix}` });
  }

  #show(plan: readonly SetupStep[]): void {
    const lines =
      plan.length === 0
        ? ['Nothing to do: the cluster is up to date.']
        : plan.map(({ title, cause }, n) => `${n + 1}. ${title} (${cause})`);
    for (const message of lines) this.parts.host.notify({ type: 'notice', level: 'info', message });
  }

  async #confirm(plan: readonly SetupStep[], yes: boolean): Promise<void> {
    // Waiting needs no confirmation.
    if (yes || plan.every((step) => step.kind === 'answer')) return;
    const agreed = await this.parts.host.ask({ kind: 'confirm', message: 'Proceed?', flag: '--yes', initial: true });
    if (!agreed) throw fail('CANCELLED', { what: 'Setup' });
  }

  async #apply(
    plan: readonly SetupStep[],
    spec: ClusterSpec,
    observed: Observed,
    signal?: AbortSignal,
  ): Promise<Secret | undefined> {
    const steps = new SetupSteps({
      ...this.parts,
      spec,
      observed,
      signal,
      notify: (event) => this.parts.host.notify(event),
      keepToken: (token) => this.parts.keepToken({ ...access(spec), token }),
    });
    const images = plan.filter((step) => step.kind === 'image');
    try {
      for (const step of plan) {
        signal?.throwIfAborted();
        if (step.kind !== 'image') await this.#timed(step.phase, async () => void (await steps.apply(step)));
        else if (step === images[0]) await this.#buildImages(images, spec, signal);
      }
    } catch (error) {
      if (signal?.aborted) throw fail('SETUP_INTERRUPTED', {}, error);
      throw error;
    }
    return steps.token;
  }

  async #buildImages(
    steps: readonly (SetupStep & { kind: 'image' })[],
    spec: ClusterSpec,
    signal?: AbortSignal,
  ): Promise<void> {
    const { engine, machine, clock, host } = this.parts;
    const builds = new ImageBuilds(
      {
        engine,
        machine,
        clock,
        signal,
        cluster: spec.settings.name,
        mirror: spec.settings.mirror,
        onLine: (image, line) => host.notify({ type: 'output', source: image, line }),
        timed: (image, work) => this.#timed(`image ${image}`, work),
      },
      steps.map((step) => step.recipe),
    );
    await builds.run();
  }

  async #timed(phase: string, work: () => Promise<string | undefined | void>): Promise<void> {
    const { host, clock } = this.parts;
    const emit: PhaseTeller<unknown>['emit'] = (event) => {
      if (event.state === 'done') this.#phases.set(phase, (this.#phases.get(phase) ?? 0) + (event.ms ?? 0));
      host.notify(event);
    };
    await inPhase(phase, work, { clock, emit, detail: (detail) => detail });
  }

  #result(spec: ClusterSpec, steps: readonly SetupStep[], token?: Secret, ms = 0): SetupResult {
    const phases = [...this.#phases].map(([phase, ms]) => ({ phase, ms }));
    return { ...access(spec), steps, ms, phases, token };
  }
}

function access({ settings }: ClusterSpec): Omit<ClusterAccess, 'token'> {
  const { name, domain, httpPort, address } = settings;
  return { cluster: name, url: controllerUrl(domain, httpPort), domain, address };
}
