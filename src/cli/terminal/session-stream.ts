import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { FRAME_BYTES, readRunControl, readRunFrame, RunChannel, runFrame } from '#api/run-frames.ts';
import { fail, fromBody } from '#errors';

/**
 * A session whose input and output are one byte stream: a copy or a forwarded connection. Ends with the session;
 * destroyed with the cluster's error, or RUN_FAILED if the connection is lost.
 */
export function sessionStream(socket: WebSocket): Duplex {
  let ended = false;
  const stream = new Duplex({
    allowHalfOpen: true,
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => send(socket, chunk, done),
    final: (done) => {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify({ type: 'end' }));
      done();
    },
    destroy: (error, done) => {
      socket.terminate();
      done(error);
    },
  });
  socket.on('message', (data: Buffer, isBinary) => {
    const frame = isBinary ? readRunFrame(data) : undefined;
    if (frame?.channel === RunChannel.stdout && !stream.push(frame.bytes)) socket.pause();
    const control = isBinary ? undefined : readRunControl(data.toString('utf8'));
    if (control?.type === 'error') stream.destroy(fromBody(control.error, 502));
    if (control?.type !== 'exit') return;
    ended = true;
    stream.push(null);
  });
  socket.on('error', (error) => stream.destroy(fail('RUN_FAILED', { why: error.message }, error)));
  socket.on('close', () => {
    if (!ended && !stream.destroyed) stream.destroy(fail('RUN_FAILED', { why: 'connection lost' }));
  });
  socket.resume();
  return stream;
}

function send(socket: WebSocket, chunk: Buffer, done: (error?: Error | null) => void): void {
  for (let from = 0; from < chunk.length; from += FRAME_BYTES) {
    const last = from + FRAME_BYTES >= chunk.length;
    // If the other side stops reading, its own error explains why.
    socket.send(runFrame(RunChannel.stdin, chunk.subarray(from, from + FRAME_BYTES)), () => last && done());
  }
  if (chunk.length === 0) done();
}
