/** Where a node's own names of hosts are. */
export const HOSTS_FILE = '/etc/hosts';

const BEGIN = '# BEGIN mothership';
const END = '# END mothership';

export interface HostsEntry {
  readonly address: string;
  readonly name: string;
}

/** The file's text with these entries between our lines, in their order, and everything else as it was. None takes the lines away. */
export function withHostsBlock(text: string, entries: readonly HostsEntry[]): string {
  const rest = withoutBlock(text);
  if (entries.length === 0) return rest;
  const start = rest === '' || rest.endsWith('\n') ? rest : `${rest}\n`;
  return `${start}${[BEGIN, ...entries.map(({ address, name }) => `${address} ${name}`), END].join('\n')}\n`;
}

/** The entries between our lines. */
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

/** A block without an end was cut off while it was written: nobody else's line follows it, so only its first line goes. */
function withoutBlock(text: string): string {
  const lines = text.split('\n');
  const begin = lines.indexOf(BEGIN);
  if (begin < 0) return text;
  const end = lines.indexOf(END, begin);
  return withoutBlock([...lines.slice(0, begin), ...lines.slice(end < 0 ? begin + 1 : end + 1)].join('\n'));
}
