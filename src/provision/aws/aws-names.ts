import type { MachineSlot, Role } from './aws-types.ts';

export const CLUSTER_TAG = 'mothership:cluster';
export const ROLE_TAG = 'mothership:role';
export const INDEX_TAG = 'mothership:index';

export type Tag = { Key: string; Value: string };

/** Name of a cluster's key pair and security group. */
export const sharedName = (cluster: string): string => `mothership-${cluster}`;

/** `edge-manager-1`, starting at 1. */
export const machineName = (cluster: string, place: MachineSlot): string =>
  `${cluster}-${place.role}-${place.index + 1}`;

export const placeKey = ({ role, index }: MachineSlot): string => `${role}-${index}`;

export function clusterTags(cluster: string): Tag[] {
  return [
    { Key: 'Name', Value: sharedName(cluster) },
    { Key: CLUSTER_TAG, Value: cluster },
  ];
}

export function placeTags(cluster: string, place: MachineSlot): Tag[] {
  const own = {
    Name: machineName(cluster, place),
    [CLUSTER_TAG]: cluster,
    [ROLE_TAG]: place.role,
    [INDEX_TAG]: String(place.index),
  };
  return Object.entries(own).map(([Key, Value]) => ({ Key, Value }));
}

type Tagged = { Tags?: { Key?: string | undefined; Value?: string | undefined }[] | undefined };

const tag = (of: Tagged, key: string): string | undefined => of.Tags?.find((each) => each.Key === key)?.Value;

/** EC2's filters support `*` and `?`, so results are compared again. */
export const belongsTo =
  (cluster: string) =>
  (thing: Tagged): boolean =>
    tag(thing, CLUSTER_TAG) === cluster;

/** Undefined if its tags were changed by hand. */
export function placeOf(thing: Tagged): MachineSlot | undefined {
  const role = tag(thing, ROLE_TAG);
  const index = Number(tag(thing, INDEX_TAG) ?? NaN);
  return (role === 'manager' || role === 'worker') && Number.isInteger(index) && index >= 0
    ? { role: role satisfies Role, index }
    : undefined;
}
