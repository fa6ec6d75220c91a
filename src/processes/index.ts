export { DiskWatch } from './disk-watch.ts';
export { OneOffs } from './one-offs/one-offs.ts';
