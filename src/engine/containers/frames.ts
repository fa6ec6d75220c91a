import type { Readable } from 'node:stream';
import { fail } from '#errors';

/** Output: all or part of one write to stdout or stderr. */
export interface Frame {
  readonly stream: 'stdout' | 'stderr';
  readonly payload: Buffer;
}

const HEADER_BYTES = 8;
const STDERR = 2;
/** The engine's own error while gathering logs, for example an unresponsive node. */
const SYSTEM_ERROR = 3;

/**
 * Splits the multiplexed output of a container without a terminal. Each frame has a header of 8 bytes: the stream,
 * three zeros, and the payload's length (32 bits, big-endian). Source: "Stream format" of `POST
 * /containers/{id}/attach`.
 */
export async function* frames(body: Readable): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of body) {
    rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    let end: number;
    while (rest.length >= HEADER_BYTES && rest.length >= (end = HEADER_BYTES + rest.readUInt32BE(4))) {
      const payload = rest.subarray(HEADER_BYTES, end);
      const kind = rest.readUInt8(0);
      rest = rest.subarray(end);
      if (kind === SYSTEM_ERROR)
        throw fail('ENGINE_FAILED', { action: 'deliver all output', why: payload.toString('utf8').trim() });
      yield { stream: kind === STDERR ? 'stderr' : 'stdout', payload };
    }
  }
}

const NEWLINE = 0x0a;

/** A terminal's output, which has no frames, split after every line. */
export async function* terminalFrames(body: Readable): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of body) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      yield { stream: 'stdout', payload: rest.subarray(0, end + 1) };
      rest = rest.subarray(end + 1);
    }
  }
  if (rest.length > 0) yield { stream: 'stdout', payload: rest };
}
