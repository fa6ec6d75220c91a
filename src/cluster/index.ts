export { InstalledFiles, type PackageFiles } from './package-files.ts';
export { contextTar, type ContextFile, type ImageRecipe } from './image-recipe.ts';
export { planSetup, type SetupStep } from './plan.ts';
export { Setup, type ClusterAccess, type SetupParts, type SetupResult, type RunOptions } from './setup.ts';
export type { SetupOptions } from './options.ts';
export { isTokenValue, mintToken, tokenIdOf } from './token.ts';
export { AGENT_PORT, CONTROLLER_PORT, controllerHost, controllerUrl, names, REGISTRY_PORT, trust } from './names.ts';
export type { Check } from './diagnosis.ts';
export { Doctor, type DoctorParts } from './doctor.ts';
export { Destroy, type Destroyed, type DestroyParts } from './destroy.ts';
export {
  observeObjects,
  planDestroy,
  type DestroyOptions,
  type DestroyStep,
  type ObservedCluster,
} from './destroy-plan.ts';
export { nodeImage, type NodeImageParts } from './node-image.ts';
export { FleetDestroy, type FleetDestroyParts } from './fleet-destroy.ts';
export { Fleet, type FleetParts, type FleetResult } from './fleet.ts';
