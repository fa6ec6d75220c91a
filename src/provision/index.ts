export {
  applySliceStep,
  Bootstrap,
  observeSlices,
  planBootstrap,
  removeBuildsSlice,
  sliceSteps,
  withdraw,
  type BootstrapPlan,
  type HostNeeds,
  type ObservedHost,
  type SliceStep,
} from './bootstrap/index.ts';
export { LocalMachine } from './local/local-machine.ts';
export { LocalProvider } from './local/local-provider.ts';
export type { CommandResult, Machine, RunCommandOptions, RunningCommand } from './machine.ts';
export type { AwsSource, MachineSource, PracticeSource, SshSource } from './machine-source.ts';
export type { MachineRequest, ProvidedMachine, Provider, ProvisionStep } from './provider.ts';
export { sshHosts, type SshHost } from './ssh/ssh-hosts.ts';
export { SshMachine } from './ssh/ssh-machine.ts';
export { SshProvider, type SshProviderOptions } from './ssh/ssh-provider.ts';
