export type { BuildResult } from './build.ts';
export { changeBuildpacks } from './buildpacks/buildpack-list.ts';
export { SourceStore } from './source/source-store.ts';
export { changeSettings, type BuildSettingsChange } from './settings.ts';
export { appOfTag, imageRepository, removeAppImage } from './image/app-images.ts';
export { Relay } from './image/rebase.ts';
