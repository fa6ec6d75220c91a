export { BUILDS_SLICE, BUILDS_SLICE_TEXT, BUILDS_SLICE_UNIT } from './care/builds-slice.ts';
export { changeNode, findNode } from './change.ts';
export { planDrain, type DrainOptions, type DrainPlan, type DrainReason } from './drain/drain-plan.ts';
export { FIREWALL_REMOVAL, FIREWALL_SCRIPT, firewallScript } from './care/firewall.ts';
export { hostsBlock, HOSTS_FILE, withHostsBlock, type HostsEntry } from './care/hosts-block.ts';
export {
  isUsable,
  NODE_ROLES,
  ownLabels,
  rolesOf,
  satisfies,
  SPREAD_OVER_ZONES,
  zoneOf,
  type NodeRole,
} from './labels.ts';
export { loadOf, observeSwarm, tasksOn, type NodeLoad, type ObservedSwarm, type PlacedTask } from './observed.ts';
export { explainManagers, quorumOf, quorumWithout, refusesDemotion, warnOfManagers, type Quorum } from './quorum.ts';
export { explainRouters, routerConstraints } from './routers.ts';
export { SILENCE_FILE, SILENCE_NOW, SILENCE_RETRIES, SILENCE_SETTING, silenceSettings } from './care/tcp-timeouts.ts';
export {
  planRebalance,
  spreadShortfall,
  type Movable,
  type RebalanceStep,
  type SpreadShortfall,
} from './drain/spread.ts';
