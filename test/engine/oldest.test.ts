import assert from 'node:assert/strict';
import { isTooOld } from '../../src/engine/index.ts';

describe('the oldest engine', () => {
  for (const version of ['19.03.8', '20.9.9', '1.13', 'unreadable'])
    it(`refuses ${version}`, () => assert.ok(isTooOld(version)));

  for (const version of ['20.10', '20.10.0', '20.10.24+dfsg1', '26.1.5+dfsg1', '28.0.0-rc.1'])
    it(`accepts ${version}`, () => assert.ok(!isTooOld(version)));
});
