export { InstalledFiles, type PackageFiles } from './images/package-files.ts';
export { Setup, type ClusterAccess, type SetupResult, type RunOptions } from './setup/setup.ts';
export type { Check } from './doctor/diagnosis.ts';
export { Doctor } from './doctor/doctor.ts';
export { Destroy, type Destroyed } from './destroy/destroy-cluster.ts';
export { describeRemovals, type DestroyOptions, type ObservedCluster } from './destroy/destroy-plan.ts';
export { nodeImage } from './images/node-image.ts';
export { FleetDestroy, type FleetDestroyParts } from './fleet/fleet-destroy.ts';
export { Fleet, type FleetParts } from './fleet/fleet.ts';
