export { Chaos, type ChaosKind, type ChaosReport } from './chaos.ts';
export { DockerClient } from './docker-client.ts';
export { PracticeProvider } from './practice-provider.ts';
