import { failure, usage } from '../entry.ts';

export const processes = {
  NODE_UNREACHABLE: failure<{ node: string; why: string }>(
    503,
    'platform',
    (p) => `The node ${p.node} does not answer: ${p.why}.`,
    () => 'Run `mothership nodes` for the state of the nodes; try again when it is back.',
  ),
  PROCESS_NOT_FOUND: usage<{ process: string; app: string; known: readonly string[] }>(
    (p) => `No process ${p.process} of ${p.app} is running.`,
    (p) =>
      p.known.length > 0
        ? `Running are: ${p.known.join(', ')}.`
        : 'Nothing of it is running; scale it up with `mothership ps:scale web=1`.',
    404,
  ),
  EXEC_NOT_FOUND: failure<{ id: string }>(
    404,
    'user',
    (p) => `No session ${p.id} waits for its terminal.`,
    () => 'Sessions are taken up within a minute of being made, and once. Start another.',
  ),
  COPY_FAILED: failure<{ path: string; process: string; why: string }>(
    422,
    'user',
    (p) => `Copying ${p.path} of ${p.process} failed: ${p.why}.`,
    () => 'Look at what is there with `mothership ps:exec -- ls -l`.',
  ),
  FORWARD_FAILED: failure<{ port: number; process: string; why: string }>(
    502,
    'app',
    (p) => `Nothing answers on port ${p.port} of ${p.process}: ${p.why}.`,
    () => 'Check that the process listens on that port; `mothership ps:exec` opens a shell beside it.',
  ),
};
