import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';

/** One measured value and its budget. */
export interface Row {
  readonly what: string;
  readonly value: number;
  /** `x` is a ratio to what `what` names, measured in the same run. */
  readonly unit: 'x' | 's' | 'ms' | 'µs' | 'MB' | 'kB' | '%' | '';
  /** The most that the value may be, or the least with `atLeast`. */
  readonly budget?: number;
  readonly atLeast?: boolean;
  /** More columns of the table. */
  readonly also?: Readonly<Record<string, number | string>>;
}

/** Prints rows as a table and writes them, with samples and the state of the machine, to bench-results/NAME.json. */
export async function report(name: string, rows: readonly Row[], samples: Record<string, unknown> = {}): Promise<void> {
  const judged = rows.map((row) => ({ ...row, ...judge(row) }));
  console.table(judged.map(printed));
  const machine = { at: new Date().toISOString(), node: process.version, processors: cpus().length, load: loadavg() };
  await mkdir('bench-results', { recursive: true });
  await writeFile(`bench-results/${name}.json`, `${JSON.stringify({ ...machine, rows: judged, samples }, null, 2)}\n`);
}

/** `ratio`: the value in budgets. */
function judge({ value, budget, atLeast }: Row): { readonly ratio?: number; readonly met?: boolean } {
  if (budget === undefined) return {};
  const met = atLeast ? value >= budget : value <= budget;
  return budget === 0 ? { met } : { met, ratio: rounded(value / budget) };
}

function printed({ what, value, unit, budget, atLeast, ratio, met, also }: Row & ReturnType<typeof judge>) {
  const withUnit = (number: number): string => `${rounded(number)} ${unit}`.trimEnd();
  return {
    what,
    value: withUnit(value),
    budget: budget === undefined ? '' : `${atLeast ? 'at least' : 'at most'} ${withUnit(budget)}`,
    'of budget': ratio ?? '',
    met: met === undefined ? '' : met ? 'yes' : 'no',
    ...also,
  };
}

export function rounded(value: number): number {
  return Number(value.toFixed(2));
}

export function median(samples: readonly number[]): number {
  return [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;
}

export function seconds(ms: number): number {
  return rounded(ms / 1000);
}
