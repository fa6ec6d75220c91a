export { planOneOff, type OneOffInput } from './one-off.ts';
export { OneOffs, type RunningOneOff } from './one-offs.ts';
