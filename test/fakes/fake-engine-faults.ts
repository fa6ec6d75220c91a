import type { Engine } from '../../src/engine/index.ts';

/** Calls that answer with a promise; each may name the error that one call fails with instead. */
export type Faults = { readonly [K in keyof Engine]?: (...args: Parameters<Engine[K]>) => Error | undefined };

/** The engine, except where a fault says otherwise: `withFaults(engine, { createService: () => fail(…) })`. */
export function withFaults<E extends Engine>(engine: E, faults: Faults): E {
  return new Proxy(engine, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      const fault = (faults as Record<PropertyKey, ((...args: unknown[]) => Error | undefined) | undefined>)[key];
      return (...args: unknown[]): unknown => {
        const error = fault?.(...args);
        return error ? Promise.reject(error) : (member as (...given: unknown[]) => unknown).apply(target, args);
      };
    },
  });
}
