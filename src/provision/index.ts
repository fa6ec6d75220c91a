export { LocalMachine } from './local-machine.ts';
export { LocalProvider } from './local-provider.ts';
export type { CommandResult, Machine, RunCommandOptions, RunningCommand } from './machine.ts';
export type { MachineRequest, ProvidedMachine, Provider, ProvisionStep } from './provider.ts';
