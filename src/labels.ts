/**
 * The labels by which everything that Mothership makes is found again, and destroyed. Objects in an engine, nodes of a
 * Swarm and records in its store share this one vocabulary; a value changes only with a migration.
 */
export const label = {
  cluster: 'mothership.cluster',
  /** One of `KIND`; `cluster:destroy` removes every object that has one. */
  kind: 'mothership.kind',
  /** An app's id. */
  app: 'mothership.app',
  /** A process type. */
  type: 'mothership.type',
  release: 'mothership.release',
  generation: 'mothership.generation',
  port: 'mothership.port',
  build: 'mothership.build',
  /** On a layer image: the app that may build on it. Empty on images of apps, which would inherit it. */
  layerOf: 'mothership.layer-of',
  /** Of what a platform service was made from: another fingerprint means that it must be updated. */
  fingerprint: 'mothership.fingerprint',
  /** On records: their key's last part. */
  name: 'mothership.name',
  /** On one-offs: their command line, shortened. */
  command: 'mothership.command',
  /** On records: the JSON of what changes. */
  record: 'mothership.record',
} as const;

/** Values of `label.kind`. */
export const KIND = {
  process: 'process',
  /** A one-off that is a container of its own: attached to a terminal, or a release command. */
  run: 'run',
  /** A one-off in the background: a service with one task that is never started again. */
  detached: 'detached',
  forward: 'forward',
  appNetwork: 'app-network',
  build: 'build',
  cache: 'build-cache',
  buildNetwork: 'build-network',
  image: 'app-image',
  layer: 'app-layer',
  nodeJob: 'node-job',
  controller: 'controller',
  router: 'router',
  agent: 'agent',
  registry: 'registry',
  network: 'network',
  secret: 'secret',
  volume: 'volume',
  platformImage: 'image',
  caBundle: 'ca-bundle',
  swarmMark: 'swarm-mark',
  probe: 'probe',
  trust: 'trust',
} as const;

/** Whether users cannot set a label: the platform and the engine know their own objects by these. */
export function isReservedLabel(name: string): boolean {
  return /^(mothership|com\.docker)(\.|$)/i.test(name);
}

/** The name of a service's task: `web.1`, or the one-off's own, such as `run.1234`. */
export function processName(labels: Readonly<Record<string, string>>, slot: number): string {
  const type = labels[label.type] ?? '';
  return labels[label.kind] === KIND.detached ? type : `${type}.${slot}`;
}

/** Labels of Swarm nodes; all others on a node are the operator's own. */
export const nodeLabel = {
  /** Availability zone, rack, room: what fails together. */
  zone: 'mothership.zone',
  /** Before a role's name. */
  role: 'mothership.role.',
  /** `drain <operation> <user>`: work on the node that the next controller resumes. */
  task: 'mothership.task',
} as const;

/** Labels of a practice cluster's own machines: not `label.kind`, since nodes are removed after what runs on them. */
export const practiceLabel = {
  cluster: label.cluster,
  kind: 'mothership.practice',
  number: 'mothership.practice.node',
  zone: 'mothership.practice.zone',
  role: 'mothership.practice.role',
} as const;
