/** The node's hosts file. */
export const HOSTS_FILE = '/etc/hosts';

const BEGIN = '# BEGIN mothership';
const END = '# END mothership';

export interface HostsEntry {
  readonly address: string;
  readonly name: string;
}

/**
 * Returns the file with these entries between our markers, in order, and everything else unchanged. Without entries,
 * removes the markers.
 */
export function withHostsBlock(text: string, entries: readonly HostsEntry[]): string {
  const rest = withoutBlock(text);
  if (entries.length === 0) return rest;
  const start = rest === '' || rest.endsWith('\n') ? rest : `${rest}\n`;
  return `${start}${[BEGIN, ...entries.map(({ address, name }) => `${address} ${name}`), END].join('\n')}\n`;
}

/** The entries between our markers. */
export function hostsBlock(text: string): HostsEntry[] {
  const lines = text.split('\n');
  const begin = lines.indexOf(BEGIN);
  const end = lines.indexOf(END, begin);
  if (begin < 0 || end < 0) return [];
  return lines
    .slice(begin + 1, end)
    .map((line) => line.split(/\s+/))
    .map(([address = '', name = '']) => ({ address, name }));
}

/** A block without an end was truncated while written, so no other lines follow: only its first line is removed. */
function withoutBlock(text: string): string {
  const lines = text.split('\n');
  const begin = lines.indexOf(BEGIN);
  if (begin < 0) return text;
  const end = lines.indexOf(END, begin);
  return withoutBlock([...lines.slice(0, begin), ...lines.slice(end < 0 ? begin + 1 : end + 1)].join('\n'));
}
