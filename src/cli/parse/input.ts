import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { unreadable } from '../files/unreadable.ts';
import type { Io } from '../program/io.ts';

/** Text of a file given on the command line; `-` is stdin. Throws FILE_NOT_FOUND or FILE_UNREADABLE. */
export async function readInput(path: string, io: Pick<Io, 'stdin' | 'cwd'>): Promise<string> {
  if (path === '-') return readAll(io.stdin);
  const file = resolve(io.cwd, path);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
  }
}

export async function readAll(stream: AsyncIterable<Buffer | string>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
