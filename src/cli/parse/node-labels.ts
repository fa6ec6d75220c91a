import type { Body } from '#api';
import { fail } from '#errors';

type Changes = Pick<Body<'nodesUpdate'>, 'zone' | 'roles' | 'labels'>;

/** `zone=b`, `role.builder=true`, `key=value`; `key-` removes one. Throws NODE_LABEL_INVALID. */
export function parseNodeLabels(words: readonly string[]): Changes {
  const labels: Record<string, string | null> = {};
  const roles: Record<string, boolean> = {};
  let zone: string | null | undefined;
  for (const word of words) {
    const [, key, assigned, value = ''] = /^([a-z0-9][\w.-]*?)(?:(=)(.*)|-)$/i.exec(word) ?? [];
    if (!key) throw fail('NODE_LABEL_INVALID', { given: word, why: 'it is neither KEY=VALUE nor KEY-' });
    const role = /^role\.(.*)$/.exec(key)?.[1];
    if (role !== undefined) roles[readRole(word, role)] = assigned ? readSwitch(word, value) : false;
    else if (key === 'zone') zone = assigned ? value : null;
    else labels[key] = assigned ? value : null;
  }
  return {
    ...(zone === undefined ? {} : { zone }),
    ...(Object.keys(roles).length > 0 ? { roles } : {}),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
  };
}

function readRole(given: string, role: string): 'builder' | 'router' {
  if (role === 'builder' || role === 'router') return role;
  throw fail('NODE_LABEL_INVALID', { given, why: 'the roles are builder and router' });
}

function readSwitch(given: string, value: string): boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  throw fail('NODE_LABEL_INVALID', { given, why: 'a role is true or false' });
}
