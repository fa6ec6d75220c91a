/**
 * Frames on the WebSocket of a one-off process (`runAttach`). Binary messages carry data, with the channel in the first
 * byte; text messages are JSON. Both directions use the same format.
 */
export const RunChannel = { stdin: 0, stdout: 1, stderr: 2 } as const;
export type RunChannel = (typeof RunChannel)[keyof typeof RunChannel];

/**
 * From the client: the terminal was resized, or its input ended. From the server: the program ended or failed to start.
 */
export type RunControl =
  | { readonly type: 'resize'; readonly columns: number; readonly rows: number }
  | { readonly type: 'end' }
  | { readonly type: 'exit'; readonly code: number }
  | { readonly type: 'error'; readonly error: { code: string; message: string; suggestion?: string; ref?: string } };

/** Longer input is sent in several frames: the controller accepts messages of at most a megabyte. */
export const FRAME_BYTES = 64 * 1024;

export function runFrame(channel: RunChannel, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([channel]), bytes]);
}

/** Returns undefined if the message has no known channel. */
export function readRunFrame(message: Buffer): { channel: RunChannel; bytes: Buffer } | undefined {
  const channel = message[0];
  if (channel !== RunChannel.stdin && channel !== RunChannel.stdout && channel !== RunChannel.stderr) return undefined;
  return { channel, bytes: message.subarray(1) };
}

/** Returns undefined if the text is not a control message. */
export function readRunControl(text: string): RunControl | undefined {
  try {
    const value = JSON.parse(text) as { type?: unknown } | null;
    const known = ['resize', 'end', 'exit', 'error'];
    return value && typeof value.type === 'string' && known.includes(value.type) ? (value as RunControl) : undefined;
  } catch {
    return undefined;
  }
}
