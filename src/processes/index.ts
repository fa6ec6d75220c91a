export { OneOffs } from './one-offs.ts';
