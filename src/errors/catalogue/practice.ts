import { failure, usage } from '../entry.ts';

export const practice = {
  PRACTICE_FAILED: failure<{ action: string; why: string }>(
    502,
    'platform',
    (p) => `The Docker Engine of this machine could not ${p.action}: ${p.why}.`,
    () => 'Run the command again: it goes on from here.',
  ),
  PRACTICE_NO_DOCKER: failure<{ where: string }>(
    409,
    'user',
    (p) => `A practice cluster needs the program docker, and an engine of this machine: ${p.where}.`,
    () =>
      'Install the client (`apt-get install docker-cli`, or `docker-ce-cli`), and leave DOCKER_HOST unset or name a socket of this machine with it.',
  ),
  PRACTICE_NODE_SILENT: failure<{ node: string; seconds: number; lines: readonly string[] }>(
    502,
    'platform',
    (p) =>
      `The engine of ${p.node} did not answer within ${p.seconds} s.${p.lines.length === 0 ? '' : ` Its last lines:\n${p.lines.map((line) => `  ${line}`).join('\n')}`}`,
    () => 'A node needs an engine that is not rootless, as containers in it need nearly all rights.',
  ),
  CHAOS_NO_PRACTICE: failure<Record<string, never>>(
    409,
    'user',
    () => 'There is no practice cluster on this machine: chaos is only for nodes that are containers.',
    () =>
      'Make one with `mothership setup --provider local --nodes 3`. Nodes that are machines are never harmed by Mothership.',
  ),
  CHAOS_NODE_UNKNOWN: usage<{ node: string; nodes: readonly string[] }>(
    (p) => `${p.node} is no practice node of this machine; there are: ${p.nodes.join(', ')}.`,
    undefined,
    404,
  ),
  CHAOS_THIS_MACHINE: usage<{ node: string; nodes: readonly string[] }>(
    (p) => `${p.node} is this machine itself: its engine runs the other nodes, too.`,
    (p) => `Choose one of ${p.nodes.join(', ')}.`,
  ),
  CHAOS_NODE_AMBIGUOUS: usage<{ node: string; containers: readonly string[] }>(
    (p) => `There is more than one practice node ${p.node}.`,
    (p) => `Name its container: ${p.containers.join(' or ')}.`,
  ),
  CHAOS_NODE_STOPPED: failure<{ node: string; state: string }>(
    409,
    'user',
    (p) => `${p.node} is ${p.state} already.`,
    (p) => `Heal it first: \`mothership cluster:chaos heal ${p.node}\`.`,
  ),
  CHAOS_TIME_INVALID: usage<{ given: string }>((p) => `--for cannot be "${p.given}": give a time like 30s or 2m.`),
};
