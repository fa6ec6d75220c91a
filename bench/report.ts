import { mkdir, writeFile } from 'node:fs/promises';

/** Prints a table for people and writes the same, with its samples, for machines. */
export async function report(
  name: string,
  rows: readonly Record<string, unknown>[],
  detail: Record<string, unknown> = {},
): Promise<void> {
  console.table(rows);
  await mkdir('bench-results', { recursive: true });
  await writeFile(
    `bench-results/${name}.json`,
    `${JSON.stringify({ node: process.version, rows, ...detail }, null, 2)}\n`,
  );
}

export function median(samples: readonly number[]): number {
  return [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;
}

export function seconds(ms: number): number {
  return Number((ms / 1000).toFixed(2));
}
