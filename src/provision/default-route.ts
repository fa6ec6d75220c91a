/** Name of the interface that the default route uses, from the text of Linux's /proc/net/route. */
export function defaultInterface(routes: string): string | undefined {
  const rows = routes.split('\n').slice(1).map((line) => line.trim().split(/\s+/));
  return rows
    .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')
    .sort((a, b) => Number(a[6]) - Number(b[6]))[0]?.[0];
}
