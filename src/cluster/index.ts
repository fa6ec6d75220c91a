export { InstalledFiles, type PackageFiles } from './package-files.ts';
export { contextTar, type ContextFile, type ImageRecipe } from './image-recipe.ts';
export { planSetup, type SetupStep } from './plan.ts';
export { Setup, type ClusterAccess, type SetupParts, type SetupResult, type RunOptions } from './setup.ts';
export type { SetupOptions } from './options.ts';
export { isTokenValue, mintToken, tokenIdOf } from './token.ts';
export { CONTROLLER_PORT, controllerHost, controllerUrl, names } from './names.ts';
