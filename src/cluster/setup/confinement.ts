import { blocksSetuid, BLOCKS_SETUID, type NodeInfo } from '#engine';

/** Describes the engines on which setuid programs could gain privileges; undefined if there are none. */
export function unconfined(nodes: readonly NodeInfo[]): { readonly detail: string; readonly fix: string } | undefined {
  const old = nodes.filter(({ engineVersion }) => !blocksSetuid(engineVersion));
  if (old.length === 0) return undefined;
  const engines = old.map(({ hostname, engineVersion }) => `Docker ${engineVersion} on ${hostname}`).join(', ');
  return {
    detail:
      `${engines} cannot set no-new-privileges on services. ` +
      'Processes of apps that start as root cannot switch users, so that setuid programs give them nothing',
    fix: `Upgrade Docker to ${BLOCKS_SETUID} or newer, then restart the apps.`,
  };
}
