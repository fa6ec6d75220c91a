import { once } from 'node:events';
import { PassThrough, type Duplex, type Writable } from 'node:stream';
import type { Attachment } from './execs.ts';
import { frames } from './frames.ts';

export function attachment(socket: Duplex, tty: boolean): Attachment {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  // Input for a program that has ended breaks the connection; `waitContainer` reports how it ended.
  socket.on('error', () => {});
  void copy(socket, tty, stdout, stderr);
  return {
    stdin: socket,
    stdout,
    stderr,
    endInput: () => socket.end(),
    close: () => socket.destroy(),
  };
}

async function copy(socket: Duplex, tty: boolean, stdout: Writable, stderr: Writable): Promise<void> {
  try {
    if (tty) for await (const chunk of socket) await write(stdout, chunk as Buffer);
    else
      for await (const { stream, payload } of frames(socket))
        await write(stream === 'stdout' ? stdout : stderr, payload);
  } catch {
    // Whether closed from here or broken, the outputs end.
  } finally {
    stdout.end();
    stderr.end();
  }
}

/** Waits while nobody reads, so that the program waits too. */
async function write(output: Writable, chunk: Buffer): Promise<void> {
  if (!output.write(chunk)) await once(output, 'drain');
}
