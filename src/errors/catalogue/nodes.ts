import { ExitCode, failure, usage } from '../entry.ts';

export const nodes = {
  NODE_NOT_FOUND: failure<{ node: string }>(
    404,
    'user',
    (p) => `Cannot find the node ${p.node}.`,
    'List nodes with `mothership nodes`.',
  ),
  NODE_AMBIGUOUS: failure<{ node: string; ids: readonly string[] }>(
    409,
    'user',
    (p) => `${p.ids.length} nodes have the name ${p.node}.`,
    (p) => `Use an id instead: ${p.ids.join(', ')}.`,
  ),
  NODES_BUSY: failure<{ operation: string; node: string; by: string }>(
    409,
    'user',
    (p) => `A ${p.operation} of ${p.node} by ${p.by} is in progress; only one node can be changed at a time.`,
    'Wait for it to finish.',
  ),
  NODE_DRAIN_REFUSED: failure<{ node: string; action: string; reasons: readonly string[]; forcible: boolean }>(
    409,
    'user',
    (p) => `${p.node} cannot be ${p.action} without loss:\n${p.reasons.map((reason) => `  - ${reason}`).join('\n')}`,
    (p) =>
      p.forcible
        ? 'Add a node or free up resources first, or use --force.'
        : 'Promote another node first: `mothership nodes:promote`.',
  ),
  NODE_DEMOTION_REFUSED: failure<{ node: string; why: string }>(
    409,
    'user',
    (p) => `${p.node} must remain a manager: ${p.why}.`,
    'Promote another node first: `mothership nodes:promote`.',
  ),
  NODE_DOWN: failure<{ node: string; state: string }>(
    409,
    'user',
    (p) => `${p.node} is ${p.state} and cannot be changed.`,
    'Start it again, or remove it with `mothership nodes:remove`.',
  ),
  NODE_MOVE_FAILED: failure<{ app: string; what: string; why: string }>(
    422,
    'app',
    (p) => `The ${p.what} stopped at ${p.app}, which could not be started on other nodes: ${p.why}`,
    (p) => `Running processes were not stopped. Check \`mothership logs -a ${p.app}\`, then run the command again.`,
  ),
  NODE_NOT_EMPTY: failure<{ node: string; left: readonly string[]; seconds: number }>(
    503,
    'platform',
    (p) =>
      `${p.node} is drained, but after ${p.seconds} s these are still running there: ${p.left.slice(0, 5).join(', ')}.`,
    'They were asked to stop; check again with `mothership nodes:info`.',
    ExitCode.partial,
  ),
  NODE_JOB_FAILED: failure<{ job: string; exitCode: number; why: string }>(
    502,
    'platform',
    (p) => `${p.job} failed on the node with exit code ${p.exitCode}: ${p.why}.`,
  ),
  NODE_HAND_OVER_FAILED: failure<{ node: string }>(
    503,
    'platform',
    (p) => `The controller could not move off ${p.node}.`,
    'Run `mothership doctor`; running processes were not stopped.',
  ),
  NODE_ROLE_UNCHANGED: failure<{ node: string; seconds: number }>(
    503,
    'platform',
    (p) => `${p.node} did not become a worker within ${p.seconds} s.`,
    'Run the command again, or check the node with `mothership nodes`.',
  ),
  NODE_LABEL_INVALID: usage<{ given: string; why: string }>(
    (p) => `"${p.given}" is not a valid label: ${p.why}.`,
    'Use zone=b, role.builder=true or key=value, or key- to remove a label.',
  ),
};
