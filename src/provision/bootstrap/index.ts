export { Bootstrap } from './bootstrap.ts';
export type { HostNeeds } from './bootstrap-plan.ts';
export { applySliceStep, observeSlices, removeBuildsSlice, sliceSteps, type SliceStep } from './slices.ts';
export { withdraw } from './withdraw.ts';
