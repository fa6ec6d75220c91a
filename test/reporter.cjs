'use strict';

const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

/** Mocha's own report for people, and its counts and failures in the file that MOTHERSHIP_TEST_COUNTS names for scripts/test.mjs. */
module.exports = class Counting extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.MOTHERSHIP_TEST_COUNTS;
    const failed = [];
    runner.on('fail', (test, error) => failed.push(`${test.fullTitle()}\n    ${error.stack ?? error.message}`));
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      if (file)
        writeFileSync(file, JSON.stringify({ counts: { passed: passes, failed: failures, skipped: pending }, failed }));
    });
  }
};
