import { failure, usage } from '../entry.ts';

export const processes = {
  NODE_UNREACHABLE: failure<{ node: string; why: string }>(
    503,
    'platform',
    (p) => `The node ${p.node} is not responding: ${p.why}.`,
    'Check the nodes with `mothership nodes`, and try again when it is back.',
  ),
  PROCESS_NOT_FOUND: usage<{ process: string; app: string; known: readonly string[] }>(
    (p) => `Cannot find a running process ${p.process} of ${p.app}.`,
    (p) =>
      p.known.length > 0
        ? `Running processes: ${p.known.join(', ')}.`
        : 'No processes are running; scale up with `mothership ps:scale web=1`.',
    404,
  ),
  EXEC_NOT_FOUND: failure<{ id: string }>(
    404,
    'user',
    (p) => `Cannot find the session ${p.id}.`,
    'A session must be opened within a minute and only once. Start a new one.',
  ),
  COPY_FAILED: failure<{ path: string; process: string; why: string }>(
    422,
    'user',
    (p) => `Failed to copy ${p.path} (process ${p.process}): ${p.why}.`,
    'List files with `mothership ps:exec -- ls -l`.',
  ),
  FORWARD_FAILED: failure<{ port: number; process: string; why: string }>(
    502,
    'app',
    (p) => `Nothing is listening on port ${p.port} of ${p.process}: ${p.why}.`,
    'Check that the process listens on that port; open a shell in it with `mothership ps:exec`.',
  ),
};
