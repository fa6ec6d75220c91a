type Optional<T> = { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> };
type Required<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] };

/** Drops undefined fields, as `exactOptionalPropertyTypes` requires: `{ a: 1, b: undefined }` becomes `{ a: 1 }`. */
export function defined<const T extends object>(fields: T): Required<T> & Optional<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Required<T> &
    Optional<T>;
}
