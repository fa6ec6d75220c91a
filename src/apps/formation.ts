import { fail } from '#errors';
import { own } from '#values/own.ts';
import { MiB } from '#values/size.ts';
import type { FormationRecord } from '#store';

export type Formation = Readonly<Record<string, FormationRecord>>;

/** Heroku's standard dyno has 512 MB. One core is the most a small app gets by default. */
export const DEFAULT_SIZE = { memoryBytes: 512 * MiB, cpus: 1 } as const;
const LIMITS = { quantity: 100, memoryBytes: [32 * MiB, 64 * 1024 * MiB], cpus: [0.05, 64] } as const;

interface FormationUpdate {
  readonly type: string;
  readonly quantity?: number | undefined;
  readonly delta?: number | undefined;
  readonly size?: { readonly memory?: number | undefined; readonly cpus?: number | undefined } | undefined;
}

/**
 * Returns the formation for these process types: existing entries stay, a first `web` gets 1, other types get 0 (like
 * Heroku).
 */
export function formationFor(types: readonly string[], chosen: Formation): Formation {
  const entries = types
    .filter(isService)
    .map((type): [string, FormationRecord] => [type, own(chosen, type) ?? newType(type)]);
  return Object.fromEntries(entries);
}

function newType(type: string): FormationRecord {
  return { quantity: type === 'web' ? 1 : 0, ...DEFAULT_SIZE };
}

/** `release` runs once per release and never as a service. */
export function isService(type: string): boolean {
  return type !== 'release';
}

/** Applies all updates or none. Throws PROCESS_TYPE_UNKNOWN, QUANTITY_INVALID or SIZE_INVALID. */
export function changeFormation(formation: Formation, updates: readonly FormationUpdate[]): Formation {
  const changed: Record<string, FormationRecord> = { ...formation };
  for (const update of updates) {
    const current = own(changed, update.type);
    if (!current) throw fail('PROCESS_TYPE_UNKNOWN', { type: update.type, known: Object.keys(formation) });
    changed[update.type] = checked(update, {
      quantity: (update.quantity ?? current.quantity) + (update.delta ?? 0),
      memoryBytes: update.size?.memory ?? current.memoryBytes,
      cpus: update.size?.cpus ?? current.cpus,
    });
  }
  return changed;
}

function checked(update: FormationUpdate, record: FormationRecord): FormationRecord {
  if (!Number.isInteger(record.quantity) || record.quantity < 0 || record.quantity > LIMITS.quantity) {
    throw fail('QUANTITY_INVALID', { given: `${update.type}=${record.quantity}` });
  }
  const within = (value: number, [low, high]: readonly [number, number]): boolean => value >= low && value <= high;
  if (!within(record.memoryBytes, LIMITS.memoryBytes) || !within(record.cpus, LIMITS.cpus)) {
    throw fail('SIZE_INVALID', { given: `${update.type}=${Math.round(record.memoryBytes / MiB)}M/${record.cpus}` });
  }
  return record;
}

/** Types whose size changed, so that their tasks must be replaced. */
export function resizedTypes(before: Formation, after: Formation): string[] {
  return Object.keys(after).filter((type) => {
    const [old, now] = [before[type], after[type]];
    return old && now && (old.memoryBytes !== now.memoryBytes || old.cpus !== now.cpus);
  });
}
