import type { Machine } from '#provision';

interface AptSource {
  readonly uri: string;
  readonly suites: readonly string[];
}

/** Parses apt sources: `*.sources` contains stanzas, other files one source per line. */
function aptSources(name: string, text: string): AptSource[] {
  return name.endsWith('.sources') ? stanzas(text) : lines(text);
}

function lines(text: string): AptSource[] {
  const pattern = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/gm;
  return [...text.matchAll(pattern)].map(([, uri = '', suite = '']) => ({ uri, suites: [suite] }));
}

function stanzas(text: string): AptSource[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string): string[] =>
      new RegExp(`^${name}:[ \\t]*(.*)$`, 'mi').exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
    if (!field('Types').includes('deb') || field('Enabled')[0]?.toLowerCase() === 'no') return [];
    return field('URIs').map((uri) => ({ uri, suites: field('Suites') }));
  });
}

/**
 * Lines of sources.list for a Debian `suite`, from this machine's mirrors or the given one; empty to use the
 * bootstrapper's defaults.
 */
export class DebianMirror {
  constructor(private readonly machine: Machine) {}

  async sources(suite: string, given?: string): Promise<string[]> {
    if (given) return [`deb ${given} ${suite} main`];
    const own = await this.#ownSources();
    const main = await this.#uriOf(own, (name, release) => name === release);
    const security = await this.#uriOf(
      own,
      (name, release) => name.startsWith(`${release}-security`) || name.startsWith(`${release}/updates`),
    );
    return [
      ...(main ? [`deb ${main} ${suite} main`, `deb ${main} ${suite}-updates main`] : []),
      ...(main && security ? [`deb ${security} ${suite}-security main`] : []),
    ];
  }

  async #uriOf(
    own: { release: string; all: AptSource[] },
    fits: (suite: string, release: string) => boolean,
  ): Promise<string | undefined> {
    const found = own.all.find((source) => source.suites.some((suite) => fits(suite, own.release)));
    return found && this.#followMirrorFile(found.uri);
  }

  /** Only Debian's own sources point to Debian mirrors. */
  async #ownSources(): Promise<{ release: string; all: AptSource[] }> {
    const os = (await this.machine.readFile('/etc/os-release')) ?? '';
    if (!/^ID=debian$/m.test(os)) return { release: '', all: [] };
    const folder = '/etc/apt/sources.list.d';
    const files = [
      '/etc/apt/sources.list',
      ...(await this.machine.listFolder(folder)).map((name) => `${folder}/${name}`),
    ];
    const texts = await Promise.all(
      files.map(async (file) => aptSources(file, (await this.machine.readFile(file)) ?? '')),
    );
    return { release: /^VERSION_CODENAME=(.*)$/m.exec(os)?.[1] ?? '', all: texts.flat() };
  }

  /** Cloud images may refer to a list of mirrors (`mirror+file:`). */
  async #followMirrorFile(uri: string): Promise<string> {
    if (!uri.startsWith('mirror+file:')) return uri;
    const text = (await this.machine.readFile(uri.slice('mirror+file:'.length))) ?? '';
    return text.trim().split(/\s+/)[0] || uri;
  }
}
