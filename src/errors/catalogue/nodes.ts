import { ExitCode, failure, usage } from '../entry.ts';

export const nodes = {
  NODE_NOT_FOUND: failure<{ node: string }>(
    404,
    'user',
    (p) => `There is no node ${p.node}.`,
    () => 'List them with `mothership nodes`.',
  ),
  NODE_AMBIGUOUS: failure<{ node: string; ids: readonly string[] }>(
    409,
    'user',
    (p) => `${p.ids.length} nodes are called ${p.node}.`,
    (p) => `Name one by its id: ${p.ids.join(', ')}.`,
  ),
  NODES_BUSY: failure<{ operation: string; node: string; by: string }>(
    409,
    'user',
    (p) => `A ${p.operation} of ${p.node} by ${p.by} is under way; nodes are changed one at a time.`,
    () => 'Wait until it is done.',
  ),
  NODE_DRAIN_REFUSED: failure<{ node: string; action: string; reasons: readonly string[]; forcible: boolean }>(
    409,
    'user',
    (p) => `${p.node} cannot be ${p.action} without loss:\n${p.reasons.map((reason) => `  - ${reason}`).join('\n')}`,
    (p) =>
      p.forcible
        ? 'Add a node or make room first; --force does it all the same.'
        : 'Make another node a manager first: `mothership nodes:promote`.',
  ),
  NODE_DEMOTION_REFUSED: failure<{ node: string; why: string }>(
    409,
    'user',
    (p) => `${p.node} has to stay a manager: ${p.why}.`,
    () => 'Make another node a manager first: `mothership nodes:promote`.',
  ),
  NODE_DOWN: failure<{ node: string; state: string }>(
    409,
    'user',
    (p) => `${p.node} is ${p.state}: it hears of no change.`,
    () => 'Start it again, or give it up: `mothership nodes:remove`.',
  ),
  NODE_MOVE_FAILED: failure<{ app: string; what: string; why: string }>(
    422,
    'app',
    (p) => `The ${p.what} stopped at ${p.app}, which could not be started elsewhere: ${p.why}`,
    (p) => `Nothing that served has been stopped. See \`mothership logs -a ${p.app}\`, then run the command again.`,
  ),
  NODE_NOT_EMPTY: failure<{ node: string; left: readonly string[]; seconds: number }>(
    503,
    'platform',
    (p) => `${p.node} is drained, but after ${p.seconds} s these still run there: ${p.left.slice(0, 5).join(', ')}.`,
    () => 'They have been told to stop; look again with `mothership nodes:info`.',
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
    (p) => `The controller could not move away from ${p.node}.`,
    () => 'Run `mothership doctor`; nothing that served has been stopped.',
  ),
  NODE_ROLE_UNCHANGED: failure<{ node: string; seconds: number }>(
    503,
    'platform',
    (p) => `${p.node} had not become a worker after ${p.seconds} s.`,
    () => 'Run the command again; `mothership nodes` tells how it stands.',
  ),
  NODE_LABEL_INVALID: usage<{ given: string; why: string }>(
    (p) => `"${p.given}" is no label: ${p.why}.`,
    () => 'Write zone=b, role.builder=true, key=value, or key- to remove one.',
  ),
};
