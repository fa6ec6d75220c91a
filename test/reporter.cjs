'use strict';

const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

/** Mocha's own report for people, and its counts in the file that MOTHERSHIP_TEST_COUNTS names for scripts/test.mjs. */
module.exports = class Counting extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.MOTHERSHIP_TEST_COUNTS;
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      if (file) writeFileSync(file, JSON.stringify({ passed: passes, failed: failures, skipped: pending }));
    });
  }
};
