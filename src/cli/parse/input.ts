import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fail } from '#errors';
import { unreadable } from '../files/unreadable.ts';
import type { Io } from '../program/io.ts';

/**
 * Text of a file given on the command line; `-` is stdin. Throws FILE_NOT_FOUND, FILE_UNREADABLE or TEXT_INVALID.
 */
export async function readInput(path: string, io: Pick<Io, 'stdin' | 'cwd'>): Promise<string> {
  return path === '-' ? readAll(io.stdin) : readText(resolve(io.cwd, path), path);
}

/** Text of a file, which messages call `name`. Throws like `readInput`. */
export async function readText(file: string, name: string): Promise<string> {
  const bytes = await readFile(file).catch((error: unknown) => Promise.reject(unreadable(name, error)));
  return textOf(bytes, name);
}

/** Throws TEXT_INVALID. */
export async function readAll(stdin: AsyncIterable<Buffer | string>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return textOf(Buffer.concat(chunks), 'The input');
}

/** A lenient decoder would replace other bytes by U+FFFD, and nobody would notice. */
function textOf(bytes: Buffer, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw fail('TEXT_INVALID', { where }, error);
  }
}
