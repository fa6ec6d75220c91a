import { ExitCode, failure, lastLines, usage } from '../entry.ts';

export const cluster = {
  SETUP_OPTION_INVALID: usage<{ option: string; given: string; why: string }>(
    (p) => `Invalid value for --${p.option}${p.given === '' ? '' : ` ("${p.given}")`}: ${p.why}.`,
  ),
  SETUP_INTERRUPTED: failure<Record<string, never>>(
    409,
    'user',
    'Setup was interrupted.',
    'Run it again with the same flags to continue, or remove what exists with `mothership cluster:destroy`.',
    ExitCode.cancelled,
  ),
  SETUP_PROVIDER_DIFFERS: failure<{ cluster: string; provider: string; given: string }>(
    409,
    'user',
    (p) => `The cluster "${p.cluster}" has machines from the provider "${p.provider}", not "${p.given}".`,
    (p) =>
      `Choose another --name for a new cluster, or remove the existing one first with ` +
      `\`mothership cluster:destroy --context ${p.cluster}\`.`,
  ),
  SETUP_SWARM_FOREIGN: failure<{ services: readonly string[] }>(
    409,
    'user',
    (p) =>
      'This Docker Swarm already runs services that do not belong to Mothership: ' +
      `${p.services.slice(0, 5).join(', ')}${p.services.length > 5 ? `, and ${p.services.length - 5} more` : ''}.`,
    'Use a separate machine, or share this Swarm with --join-existing-swarm. Mothership never ' +
      'changes anything it did not create.',
  ),
  SETUP_CLUSTER_EXISTS: failure<{ existing: string; given: string }>(
    409,
    'user',
    (p) => `This Swarm already hosts the Mothership cluster "${p.existing}"; a Swarm can host only one.`,
    (p) =>
      `Run the command again with --name ${p.existing}, or remove that cluster first with ` +
      `\`mothership cluster:destroy\`.`,
  ),
  SETUP_SWARM_UNUSABLE: failure<{ state: string }>(
    409,
    'user',
    (p) => `This Docker Engine cannot manage its Swarm: its state is "${p.state}".`,
    (p) =>
      p.state === 'locked'
        ? 'Unlock it with `docker swarm unlock`.'
        : 'Run setup on a manager, or leave the Swarm with `docker swarm leave`.',
  ),
  SETUP_ENGINE_OLD: failure<{ version: string; needed: string }>(
    409,
    'user',
    (p) => `Docker Engine ${p.version} is too old; Mothership requires ${p.needed} or newer.`,
    'Upgrade Docker Engine. The packages in Debian 12 and Ubuntu 22.04 are recent enough ' +
      '(`apt-get install docker.io`).',
  ),
  SETUP_PORT_TAKEN: failure<{ port: number; option: string }>(
    409,
    'user',
    (p) => `Port ${p.port}, which the router needs, is already in use by another program.`,
    (p) => `Stop that program, or choose another port with --${p.option}.`,
  ),
  SETUP_NOT_BUILT: failure<{ file: string }>(
    500,
    'user',
    (p) => `Mothership is not built: ${p.file} is missing.`,
    "Run `npm ci && npm run build` in Mothership's folder, or run `./bin/quickstart`.",
  ),
  SETUP_NO_BASE: failure<{ registry: string; bootstrap: string }>(
    502,
    'platform',
    (p) => `Cannot get the base image: pulling failed (${p.registry}), and bootstrapping failed (${p.bootstrap}).`,
    'Give the machine access to Docker Hub, or to a Debian mirror (--mirror URL) with ' +
      'mmdebstrap installed (`apt-get install mmdebstrap`).',
  ),
  SETUP_IMAGE_FAILED: failure<{ image: string; why: string; lines: readonly string[] }>(
    502,
    'platform',
    (p) => `Failed to build the platform image "${p.image}": ${p.why}.${lastLines(p.lines)}`,
    'Check that the machine can reach its Debian mirror (choose another with --mirror URL), ' +
      'then run setup again; it continues from here.',
  ),
  SETUP_CERTIFICATE_FAILED: failure<{ why: string }>(
    502,
    'platform',
    (p) => `Failed to create the router's certificate: ${p.why}.`,
  ),
  MACHINE_FAILED: failure<{ machine: string; why: string; suggestion: string }>(
    502,
    'platform',
    (p) => `${p.machine}: ${p.why}`,
    (p) => p.suggestion || 'Run the command again; it continues from here.',
  ),
  NODE_IN_OTHER_SWARM: failure<{ machine: string; state: string }>(
    409,
    'user',
    (p) => `${p.machine} is a ${p.state} in another Swarm.`,
    'Nothing was changed. If that Swarm is not needed, run `docker swarm leave --force` ' +
      'there, then run this command again.',
  ),
  NODES_ADD_ELSEWHERE: failure<{ context: string }>(
    409,
    'user',
    (p) => `This machine does not know how to add machines to ${p.context}.`,
    'Add nodes on the machine where you ran setup. To grow a one-machine cluster, run ' +
      '`mothership setup --provider local --nodes 3` or `mothership setup --host ...`.',
  ),
  NODES_NOT_READY: failure<{ missing: readonly string[] }>(
    504,
    'platform',
    (p) => `The nodes joined, but some are not ready: ${p.missing.slice(0, 5).join('; ')}.`,
    'Run this command again, or check `mothership nodes` and `mothership doctor`.',
  ),
  SETUP_REGISTRY_SILENT: failure<{ address: string; why: string }>(
    503,
    'platform',
    (p) => `The cluster's registry is not responding at ${p.address}: ${p.why}.`,
    'Run setup again; it continues from here. Check that no other program uses port 5000 on the manager.',
  ),
  SETUP_NOT_ANSWERING: failure<{ url: string; seconds: number; why: string; lines: readonly string[] }>(
    503,
    'platform',
    (p) => `The cluster did not respond at ${p.url} within ${p.seconds} s: ${p.why}.${lastLines(p.lines)}`,
    'Run `mothership doctor` to find the problem, then run setup again; it continues from here.',
  ),
  CLUSTER_NOT_FOUND: failure<{ where: string }>(
    404,
    'user',
    (p) => `Cannot find a Mothership cluster on the Docker Engine at ${p.where}.`,
    'Run this on a manager of the cluster, or create a cluster with `mothership setup`.',
  ),
  MACHINES_NOT_FOUND: failure<{ cluster: string; where: string }>(
    404,
    'user',
    (p) => `Cannot find any machine of the cluster "${p.cluster}": ${p.where} has none.`,
    (p) =>
      'Check the account (AWS_PROFILE) and the region. If the machines were removed in another way, forget the ' +
      `cluster with \`mothership contexts:remove ${p.cluster}\`.`,
  ),
  CLUSTER_DESTROY_STUCK: failure<{ left: readonly string[] }>(
    502,
    'platform',
    (p) => `Could not remove: ${p.left.slice(0, 8).join(', ')}.`,
    'Run the command again; it continues from here.',
  ),
};
