import type { Body } from '#api';
import { parseSize } from '#values/size.ts';
import { fail } from '#errors';

export type FormationUpdate = Body<'formationUpdate'>['updates'][number];

const SCALE = /^([\w-]+?)(?:=(\d+)|([+-]\d+))(?::(.+))?$/;

/** `web=3`, `worker+1`, `worker-1`, `web=3:512M/0.5`. Throws QUANTITY_INVALID or SIZE_INVALID. */
export function parseScale(text: string): FormationUpdate {
  const [, type, quantity, delta, size] = SCALE.exec(text) ?? [];
  if (!type) throw fail('QUANTITY_INVALID', { given: text });
  return {
    type,
    ...(quantity ? { quantity: Number(quantity) } : { delta: Number(delta) }),
    ...(size ? { size: readSize(size) } : {}),
  };
}

/** `web=512M/0.5`. Throws SIZE_INVALID. */
export function parseType(text: string): FormationUpdate {
  const [, type, size] = /^([\w-]+)=(.+)$/.exec(text) ?? [];
  if (!type || !size) throw fail('SIZE_INVALID', { given: text });
  return { type, size: readSize(size) };
}

function readSize(text: string): { memory?: number; cpus?: number } {
  const size = parseSize(text);
  if (!size) throw fail('SIZE_INVALID', { given: text });
  return size;
}
