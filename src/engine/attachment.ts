import { once } from 'node:events';
import { PassThrough, type Duplex, type Writable } from 'node:stream';
import type { Attachment } from './engine.ts';
import { frames } from './frames.ts';

/** Both outputs have to be read: one that is not stops the other, and in the end the program. */
export function attachment(socket: Duplex, tty: boolean): Attachment {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  if (tty) {
    socket.once('error', (error) => stdout.destroy(error));
    socket.pipe(stdout);
    stderr.end();
  } else {
    void split(socket, stdout, stderr);
  }
  return {
    stdin: socket,
    stdout,
    stderr,
    endInput: () => socket.end(),
    close: () => socket.destroy(),
  };
}

async function split(socket: Duplex, stdout: Writable, stderr: Writable): Promise<void> {
  try {
    for await (const { stream, payload } of frames(socket)) {
      const output = stream === 'stdout' ? stdout : stderr;
      if (!output.write(payload)) await once(output, 'drain');
    }
    stdout.end();
    stderr.end();
  } catch (error) {
    stdout.destroy(error as Error);
    stderr.destroy();
  }
}
