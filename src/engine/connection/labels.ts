export type Labels = Readonly<Record<string, string>>;

/** Objects match if they have every given label; an empty value matches any value. */
export type LabelFilter = Labels;

/** The `filters` parameter of a list. */
export function filters(
  labels: LabelFilter,
  others: Readonly<Record<string, readonly string[]>> = {},
): { filters?: string } {
  const label = Object.entries(labels).map(([key, value]) => (value === '' ? key : `${key}=${value}`));
  const all = { ...others, ...(label.length > 0 ? { label } : {}) };
  return Object.keys(all).length > 0 ? { filters: JSON.stringify(all) } : {};
}
