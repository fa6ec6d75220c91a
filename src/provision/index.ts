export {
  applySliceStep,
  Bootstrap,
  observeSlices,
  removeBuildsSlice,
  sliceSteps,
  withdraw,
  type HostNeeds,
  type SliceStep,
} from './bootstrap/index.ts';
export { LocalMachine } from './local/local-machine.ts';
export { LocalProvider } from './local/local-provider.ts';
export type { Machine } from './machine.ts';
export type { AwsSource, MachineSource, PracticeSource, SshSource } from './machine-source.ts';
export type { MachineRequest, ProvidedMachine, Provider } from './provider.ts';
export { sshHosts } from './ssh/ssh-hosts.ts';
export { SshMachine } from './ssh/ssh-machine.ts';
export { SshProvider } from './ssh/ssh-provider.ts';
