export { OneOffs, type RunningOneOff } from './one-offs.ts';
