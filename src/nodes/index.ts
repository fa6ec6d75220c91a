export { BUILDS_SLICE, BUILDS_SLICE_TEXT, BUILDS_SLICE_UNIT } from './care/builds-slice.ts';
export { changeNode, findNode } from './change.ts';
export {
  BUILD_BRIDGE,
  FIREWALL_REMOVAL,
  FIREWALL_SCRIPT,
  FIREWALL_UNIT,
  FIREWALL_UNIT_TEXT,
  firewallScript,
} from './care/firewall.ts';
export { hostsBlock, HOSTS_FILE, withHostsBlock } from './care/hosts-block.ts';
export { isUsable, rolesOf, satisfies, SPREAD_OVER_ZONES, zoneOf } from './labels.ts';
export { routerConstraints } from './routers.ts';
export { SILENCE_FILE, SILENCE_NOW, SILENCE_RETRIES, SILENCE_SETTING, silenceSettings } from './care/tcp-timeouts.ts';
export { spreadShortfall } from './drain/spread.ts';
