import assert from 'node:assert/strict';
import { defined } from '../../src/values/defined.ts';

describe('defined', () => {
  it('drops undefined fields only', () => {
    const kept = { zero: 0, empty: '', no: false, nothing: null };
    assert.deepEqual(defined({ ...kept, gone: undefined }), kept);
  });

  it('has the type that exactOptionalPropertyTypes asks for', () => {
    const given: { a: string; b: number | undefined } = { a: 'a', b: undefined };
    const fields: { a: string; b?: number } = defined(given);
    assert.deepEqual(Object.keys(fields), ['a']);
  });
});
