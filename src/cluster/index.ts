export { InstalledFiles, type PackageFiles } from './images/package-files.ts';
export { contextTar, type ContextFile, type ImageRecipe } from './images/image-recipe.ts';
export { planSetup, type SetupStep } from './setup/setup-plan.ts';
export { Setup, type ClusterAccess, type SetupParts, type SetupResult, type RunOptions } from './setup/setup.ts';
export type { SetupOptions } from './setup/options.ts';
export { isTokenValue, mintToken, tokenIdOf } from '#access/token-value.ts';
export { AGENT_PORT, CONTROLLER_PORT, controllerHost, controllerUrl, names, REGISTRY_PORT, trust } from './names.ts';
export type { Check } from './doctor/diagnosis.ts';
export { Doctor, type DoctorParts } from './doctor/doctor.ts';
export { Destroy, type Destroyed, type DestroyParts } from './destroy/destroy-cluster.ts';
export {
  observeObjects,
  planDestroy,
  type DestroyOptions,
  type DestroyStep,
  type ObservedCluster,
} from './destroy/destroy-plan.ts';
export { nodeImage, type NodeImageParts } from './images/node-image.ts';
export { FleetDestroy, type FleetDestroyParts } from './fleet/fleet-destroy.ts';
export { Fleet, type FleetParts, type FleetResult } from './fleet/fleet.ts';
