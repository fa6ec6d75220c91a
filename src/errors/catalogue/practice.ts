import { failure, usage } from '../entry.ts';

export const practice = {
  PRACTICE_FAILED: failure<{ action: string; why: string }>(
    502,
    'platform',
    (p) => `Docker Engine on this machine could not ${p.action}: ${p.why}.`,
    'Run the command again; it continues from here.',
  ),
  PRACTICE_NO_DOCKER: failure<{ where: string }>(
    409,
    'user',
    (p) => `A practice cluster requires the docker client and a local Docker Engine: ${p.where}.`,
    'Install the client (`apt-get install docker-cli` or `docker-ce-cli`), and unset ' +
      'DOCKER_HOST or point it to a socket on this machine.',
  ),
  PRACTICE_NODE_SILENT: failure<{ node: string; seconds: number; lines: readonly string[] }>(
    502,
    'platform',
    (p) =>
      `The engine of ${p.node} did not respond within ${p.seconds} ` +
      `s.${p.lines.length === 0 ? '' : ` Its last lines:\n${p.lines.map((line) => `  ${line}`).join('\n')}`}`,
    'Practice nodes need privileged containers, so a rootless engine does not work.',
  ),
  CHAOS_NO_PRACTICE: failure<Record<string, never>>(
    409,
    'user',
    'There is no practice cluster on this machine; chaos only works on practice nodes, which are containers.',
    'Create one with `mothership setup --provider local --nodes 3`. Mothership never breaks real machines.',
  ),
  CHAOS_NODE_UNKNOWN: usage<{ node: string; nodes: readonly string[] }>(
    (p) => `Cannot find the practice node ${p.node}. Available nodes: ${p.nodes.join(', ')}.`,
    undefined,
    404,
  ),
  CHAOS_THIS_MACHINE: usage<{ node: string; nodes: readonly string[] }>(
    (p) => `${p.node} is this machine, whose engine also runs the other nodes.`,
    (p) => `Choose one of ${p.nodes.join(', ')}.`,
  ),
  CHAOS_NODE_AMBIGUOUS: usage<{ node: string; containers: readonly string[] }>(
    (p) => `${p.node} matches more than one practice node.`,
    (p) => `Use the container's name: ${p.containers.join(' or ')}.`,
  ),
  CHAOS_NODE_STOPPED: failure<{ node: string; state: string }>(
    409,
    'user',
    (p) => `${p.node} is already ${p.state}.`,
    (p) => `Heal it first: \`mothership cluster:chaos heal ${p.node}\`.`,
  ),
  CHAOS_TIME_INVALID: usage<{ given: string }>(
    (p) => `Invalid value for --for ("${p.given}"): use a time such as 30s or 2m.`,
  ),
};
