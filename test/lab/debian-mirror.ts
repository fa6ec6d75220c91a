import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** One line of an apt source: where packages come from and for which releases. */
interface AptSource {
  uri: string;
  suites: string[];
}

function parseOneLine(text: string): AptSource[] {
  const pattern = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/gm;
  return [...text.matchAll(pattern)].map((match) => ({ uri: match[1]!, suites: [match[2]!] }));
}

function parseDeb822(text: string): AptSource[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string): string[] =>
      new RegExp(`^${name}:[ \\t]*(.*)$`, 'mi').exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
    if (!field('Types').includes('deb') || field('Enabled')[0]?.toLowerCase() === 'no') return [];
    return field('URIs').map((uri) => ({ uri, suites: field('Suites') }));
  });
}

/** Finds the mirror which carries a release itself (not its security or update suites). */
export function findMirror(files: readonly { name: string; text: string }[], release: string): string | undefined {
  const sources = files.flatMap((file) => (file.name.endsWith('.sources') ? parseDeb822 : parseOneLine)(file.text));
  return sources.find((source) => source.suites.includes(release))?.uri;
}

async function aptSourceFiles(): Promise<{ name: string; text: string }[]> {
  const folder = '/etc/apt/sources.list.d';
  const listed = await readdir(folder).catch(() => [] as string[]);
  const names = ['/etc/apt/sources.list', ...listed.sort().map((name) => join(folder, name))];
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(name, 'utf8').catch(() => '') })));
}

/** A cloud image's apt may name a file with mirrors (mirror+file:...) instead of a mirror. */
async function followMirrorFile(uri: string): Promise<string> {
  if (!uri.startsWith('mirror+file:')) return uri;
  const text = await readFile(uri.slice('mirror+file:'.length), 'utf8');
  return text.trim().split(/\s+/)[0] ?? uri;
}

/**
 * The Debian mirror this host installs from. Read at run time, because a test machine may only reach its own
 * mirror; MOTHERSHIP_LAB_MIRROR overrides it where the host is not Debian.
 */
export async function debianMirror(): Promise<string> {
  const override = process.env['MOTHERSHIP_LAB_MIRROR'];
  if (override) return override;
  const release = /^VERSION_CODENAME=(.*)$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? '';
  const mirror = findMirror(await aptSourceFiles(), release);
  if (!mirror) throw new Error('No Debian mirror in the apt sources: set MOTHERSHIP_LAB_MIRROR');
  return followMirrorFile(mirror);
}
