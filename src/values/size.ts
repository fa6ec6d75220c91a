import { defined } from './defined.ts';
/** Sizes of processes: bytes and cores as numbers, `512M` and `0.5` as text. */

export const MiB = 2 ** 20;
export const GiB = 2 ** 30;
export const TiB = 2 ** 40;

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: MiB, g: GiB, t: TiB };
const MEMORY = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i;

/**
 * Parses `512M`, `1G`, `1.5g`, `512MB`, `256MiB` to bytes (powers of 1024); undefined if it is not an amount of memory.
 */
export function parseMemory(text: string): number | undefined {
  const match = MEMORY.exec(text.trim());
  if (!match) return undefined;
  const bytes = Math.round(Number(match[1]) * (UNITS[(match[2] ?? '').toLowerCase()] ?? 1));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Formats bytes as the shortest text that `parseMemory` accepts: `512M`, `1.5G`; at most one decimal. */
export function formatMemory(bytes: number): string {
  for (const unit of ['t', 'g', 'm', 'k']) {
    const amount = bytes / (UNITS[unit] ?? 1);
    if (amount >= 1) return `${trim(amount)}${unit.toUpperCase()}`;
  }
  return `${bytes}B`;
}

/** Parses `0.5`, `2`, `500m` (thousandths) to cores; undefined if it is not a number of cores. */
export function parseCpus(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(m?)$/.exec(text.trim());
  if (!match) return undefined;
  return match[2] ? Number(match[1]) / 1000 : Number(match[1]);
}

export function formatCpus(cpus: number): string {
  return trim(cpus, 3);
}

/** Parses `512M/0.5`, `1G` or `/2`; a missing half stays unchanged. Undefined if either half is not a size. */
export function parseSize(text: string): { memory?: number; cpus?: number } | undefined {
  const [left = '', right, ...rest] = text.split('/');
  const memory = left === '' ? undefined : parseMemory(left);
  const cpus = right === undefined || right === '' ? undefined : parseCpus(right);
  const broken =
    rest.length > 0 || (left !== '' && memory === undefined) || (right && cpus === undefined) || (!left && !right);
  if (broken) return undefined;
  return defined({ memory, cpus });
}

/** `512M/0.5`. */
export function formatSize(size: { memory: number; cpus: number }): string {
  return `${formatMemory(size.memory)}/${formatCpus(size.cpus)}`;
}

/** For sentences: `512 MB`, `2 GB`, `1.5 GB`. */
export function inMegabytes(bytes: number): string {
  return bytes < GiB ? `${Math.round(bytes / MiB)} MB` : `${trim(bytes / GiB)} GB`;
}

function trim(amount: number, decimals = 1): string {
  return String(Number(amount.toFixed(decimals)));
}
