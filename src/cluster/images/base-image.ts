import type { Engine, Labels } from '#engine';
import { fail, isMothershipError } from '#errors';
import type { Clock } from '#events';
import type { Machine } from '#provision';
import { DebianMirror } from './debian-mirror.ts';
import { contextTar, type ImageRecipe } from './image-recipe.ts';

export const SUITE = 'trixie';
const PULLED_BASE = `debian:${SUITE}-slim`;
/** Time after which a silent registry counts as unreachable. */
const PULL_IDLE_MS = 15_000;

/** As small as Debian's slim image: no manuals or translations; licenses stay. */
const BOOTSTRAP = [
  'mmdebstrap',
  '--variant=minbase',
  '--include=ca-certificates',
  '--format=tar',
  '--aptopt=Acquire::Languages "none"',
  // An interrupted build starts over, so nothing needs to be synced to disk.
  '--dpkgopt=force-unsafe-io',
  '--dpkgopt=path-exclude=/usr/share/man/*',
  '--dpkgopt=path-exclude=/usr/share/locale/*',
  '--dpkgopt=path-exclude=/usr/share/doc/*',
  '--dpkgopt=path-include=/usr/share/doc/*/copyright',
];

export interface BaseImageParts {
  readonly engine: Engine;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly labels: Labels;
  readonly onLine: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Debian 13, from Docker Hub or else bootstrapped from a Debian mirror, so that machines without access to a registry
 * work too. Uses the mirror if one is given.
 */
export class BaseImage {
  constructor(private readonly parts: BaseImageParts) {}

  /** Returns how it was obtained. Throws SETUP_NO_BASE. */
  async make(recipe: ImageRecipe, mirror?: string): Promise<'pulled' | 'bootstrapped'> {
    const refusal = mirror ? 'a mirror was given' : await this.#pull();
    if (refusal === undefined) {
      const buildArgs = { ...recipe.buildArgs, FROM: PULLED_BASE };
      await this.parts.engine.buildImage(
        contextTar(recipe.files),
        { tag: recipe.tag, buildArgs, labels: this.parts.labels },
        this.parts.onLine,
      );
      return 'pulled';
    }
    this.parts.onLine(`Could not pull an image from a registry (${refusal}); bootstrapping Debian from a mirror`);
    await this.#bootstrap(recipe.tag, refusal, mirror);
    return 'bootstrapped';
  }

  /** Returns the reason if the image cannot be pulled. */
  async #pull(): Promise<string | undefined> {
    const { engine, onLine, signal } = this.parts;
    if (await engine.image(PULLED_BASE)) return undefined;
    const idle = new IdleSignal(PULL_IDLE_MS, signal);
    try {
      await engine.pullImage(
        PULLED_BASE,
        (line) => {
          idle.touch();
          onLine(line);
        },
        idle.signal,
      );
      return undefined;
    } catch (error) {
      signal?.throwIfAborted();
      if (idle.signal.aborted) return `no response for ${PULL_IDLE_MS / 1000} s`;
      if (isMothershipError(error, 'IMAGE_UNAVAILABLE')) return error.message;
      throw error;
    } finally {
      idle.end();
    }
  }

  async #bootstrap(tag: string, registry: string, mirror?: string): Promise<void> {
    const { engine, machine, labels, signal } = this.parts;
    await this.#installBootstrapper(registry);
    const sources = await new DebianMirror(machine).sources(SUITE, mirror);
    const argv = [...BOOTSTRAP, ...(await keyringOption(machine)), SUITE, '-', ...sources];
    const { output, ended } = machine.stream(machine.asRoot(argv), signal ? { signal } : {});
    // The engine accepts a truncated stream as complete, so the image gets its tag only after success.
    const draft = `${tag}-draft`;
    const [made, image] = await Promise.allSettled([ended, engine.importImage(output, draft, labels)]);
    const code = made.status === 'fulfilled' ? made.value.code : undefined;
    if (code === 0 && image.status === 'fulfilled') await engine.tagImage(draft, tag);
    await engine.removeImage(draft);
    signal?.throwIfAborted();
    if (image.status === 'rejected') throw image.reason as Error;
    if (made.status === 'rejected') throw made.reason as Error;
    if (code !== 0) throw fail('SETUP_NO_BASE', { registry, bootstrap: lastLine(made.value.stderr) });
  }

  async #installBootstrapper(registry: string): Promise<void> {
    const { machine, onLine } = this.parts;
    if ((await machine.run(['mmdebstrap', '--version'])).code === 0) return;
    onLine('Installing mmdebstrap');
    await machine.run(machine.asRoot(['apt-get', 'update', '-q']));
    const install = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-yq', '--no-install-recommends'];
    const installed = await machine.run(machine.asRoot([...install, 'mmdebstrap', 'debian-archive-keyring']));
    if (installed.code !== 0)
      throw fail('SETUP_NO_BASE', {
        registry,
        bootstrap: `mmdebstrap is not installed: ${lastLine(installed.stderr)}`,
      });
  }
}

/** On other distributions, apt does not know Debian's keys. */
async function keyringOption(machine: Machine): Promise<string[]> {
  const keyring = 'debian-archive-keyring.gpg';
  const found = (await machine.listFolder('/usr/share/keyrings')).includes(keyring);
  return found ? [`--keyring=/usr/share/keyrings/${keyring}`] : [];
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

/** Aborts when `touch` has not been called for a while, or with the other signal. */
class IdleSignal {
  readonly signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number, other?: AbortSignal) {
    const idle = new AbortController();
    this.#timer = setTimeout(() => idle.abort(), ms);
    this.signal = other ? AbortSignal.any([idle.signal, other]) : idle.signal;
  }

  touch(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
