/** For sentences: `1 node`, `2 nodes`. `plural` must end in a plain -s. */
export function counted(count: number, plural: string): string {
  return `${count} ${count === 1 ? plural.slice(0, -1) : plural}`;
}
