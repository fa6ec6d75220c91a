import { failure, usage } from '../entry.ts';

export const cluster = {
  SETUP_OPTION_INVALID: usage<{ option: string; given: string; why: string }>(
    (p) => `--${p.option} cannot be "${p.given}": ${p.why}.`,
  ),
  SETUP_SWARM_FOREIGN: failure<{ services: readonly string[] }>(
    409,
    'user',
    (p) =>
      `This Docker Swarm already runs services that are not Mothership's: ${p.services.slice(0, 5).join(', ')}${p.services.length > 5 ? `, and ${p.services.length - 5} more` : ''}.`,
    () =>
      'Use a machine of its own, or share this Swarm with them: --join-existing-swarm. Mothership never touches what it did not make.',
  ),
  SETUP_CLUSTER_EXISTS: failure<{ existing: string; given: string }>(
    409,
    'user',
    (p) => `This Swarm is already the Mothership cluster "${p.existing}"; one Swarm holds one cluster.`,
    (p) =>
      `Repeat the command with --name ${p.existing}, or remove that cluster first with \`mothership cluster:destroy\`.`,
  ),
  SETUP_SWARM_UNUSABLE: failure<{ state: string }>(
    409,
    'user',
    (p) => `The Docker Engine here is in a Swarm that it cannot manage: its state is "${p.state}".`,
    (p) =>
      p.state === 'locked'
        ? 'Unlock it with `docker swarm unlock`.'
        : 'Run setup on a manager, or leave that Swarm with `docker swarm leave`.',
  ),
  SETUP_ENGINE_OLD: failure<{ version: string; needed: string }>(
    409,
    'user',
    (p) => `The Docker Engine is version ${p.version}; Mothership needs ${p.needed} or newer.`,
    () => 'Upgrade Docker Engine; Debian 12 and Ubuntu 22.04 have a new enough one (`apt-get install docker.io`).',
  ),
  SETUP_PORT_TAKEN: failure<{ port: number; option: string }>(
    409,
    'user',
    (p) => `Port ${p.port} is in use by another program on this machine, and the router needs it.`,
    (p) => `Stop that program, or choose another port with --${p.option}.`,
  ),
  SETUP_NOT_BUILT: failure<{ file: string }>(
    500,
    'user',
    (p) => `The file ${p.file} of this installation is missing.`,
    () => "Build it first: `npm ci && npm run build` in Mothership's folder, or run `./bin/quickstart`.",
  ),
  SETUP_NO_BASE: failure<{ registry: string; bootstrap: string }>(
    502,
    'platform',
    (p) =>
      `There is no way to get the base system: no registry gives the image (${p.registry}), and it cannot be bootstrapped (${p.bootstrap}).`,
    () =>
      'Give the machine access to Docker Hub, or to a Debian mirror with --mirror URL and the program mmdebstrap (`apt-get install mmdebstrap`).',
  ),
  SETUP_IMAGE_FAILED: failure<{ image: string; why: string; lines: readonly string[] }>(
    502,
    'platform',
    (p) => `The platform's image "${p.image}" could not be built: ${p.why}.${lastLines(p.lines)}`,
    () =>
      'Check that the machine reaches its Debian mirror (--mirror URL chooses another), then run setup again: it goes on from here.',
  ),
  SETUP_CERTIFICATE_FAILED: failure<{ why: string }>(
    502,
    'platform',
    (p) => `The router's first certificate could not be made: ${p.why}.`,
  ),
  MACHINE_FAILED: failure<{ machine: string; why: string; suggestion: string }>(
    502,
    'platform',
    (p) => `${p.machine}: ${p.why}`,
    (p) => p.suggestion || 'Run the command again: it goes on from here.',
  ),
  NODE_IN_OTHER_SWARM: failure<{ machine: string; state: string }>(
    409,
    'user',
    (p) => `${p.machine} is a ${p.state} of another Swarm.`,
    () =>
      'Nothing was taken over. Run `docker swarm leave --force` there if that Swarm is not needed, then this command again.',
  ),
  NODES_ADD_ELSEWHERE: failure<{ context: string }>(
    409,
    'user',
    (p) => `This computer does not know where the machines of ${p.context} come from.`,
    () =>
      'Add nodes on the computer where setup ran. A cluster of this machine alone becomes one of many with `mothership setup --provider local --nodes 3` or `mothership setup --host ...`.',
  ),
  NODES_NOT_READY: failure<{ missing: readonly string[] }>(
    504,
    'platform',
    (p) => `The nodes have joined, but not all is well: ${p.missing.slice(0, 5).join('; ')}.`,
    () => 'Run this command again, or look with `mothership nodes` and `mothership doctor`.',
  ),
  SETUP_REGISTRY_SILENT: failure<{ address: string; why: string }>(
    503,
    'platform',
    (p) => `The cluster's registry does not answer at ${p.address}: ${p.why}.`,
    () => 'Run setup again: it goes on from here. Another program on port 5000 of the manager would be in its way.',
  ),
  SETUP_NOT_ANSWERING: failure<{ url: string; seconds: number; why: string; lines: readonly string[] }>(
    503,
    'platform',
    (p) => `The cluster did not answer at ${p.url} within ${p.seconds} s: ${p.why}.${lastLines(p.lines)}`,
    () => 'Run `mothership doctor` for what is wrong, then setup again: it goes on from here.',
  ),
  CLUSTER_NOT_FOUND: failure<{ where: string }>(
    404,
    'user',
    (p) => `There is no Mothership cluster on the Docker Engine at ${p.where}.`,
    () => 'Run this on a manager of the cluster, or make one with `mothership setup`.',
  ),
  CLUSTER_DESTROY_STUCK: failure<{ left: readonly string[] }>(
    502,
    'platform',
    (p) => `These could not be removed: ${p.left.slice(0, 8).join(', ')}.`,
    () => 'Run the command again: it goes on from here.',
  ),
};

function lastLines(lines: readonly string[]): string {
  return lines.length === 0 ? '' : ` Its last lines:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
