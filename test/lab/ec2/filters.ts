import { Ec2Fault } from './fault.ts';
import type { Query } from './query.ts';
import type { Tags } from './world.ts';

/** A thing's values by the filter's name; a filter that is not here is refused, as EC2 does. */
export type Attributes = Record<string, string | string[] | undefined>;

function matches(pattern: string, value: string): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${escaped}$`).test(value);
}

/** Whether a thing passes all filters of a call; values of one filter are alternatives, and may hold `*` and `?`. */
export function passes(query: Query, attributes: Attributes, tags: Tags = {}): boolean {
  return query.list('Filter').every((filter) => {
    const name = filter.at('Name') ?? '';
    if (!name.startsWith('tag:') && !(name in attributes))
      throw new Ec2Fault('InvalidParameterValue', `The filter '${name}' is invalid`);
    const value = name.startsWith('tag:') ? tags[name.slice(4)] : attributes[name];
    const values = value === undefined ? [] : [value].flat();
    return filter.strings('Value').some((pattern) => values.some((each) => matches(pattern, each)));
  });
}

/** Tags for one kind of thing, as they are given at its creation. */
export function tagsFor(query: Query, kind: string): Tags {
  const specifications = query.list('TagSpecification').filter((each) => each.at('ResourceType') === kind);
  return Object.fromEntries(
    specifications.flatMap((each) => each.list('Tag')).map((tag) => [tag.at('Key') ?? '', tag.at('Value') ?? '']),
  );
}

export const tagSet = (tags: Tags): { key: string; value: string }[] =>
  Object.entries(tags).map(([key, value]) => ({ key, value }));
