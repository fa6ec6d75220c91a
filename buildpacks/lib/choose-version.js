// choose-version RANGE [PREFERRED] < packument: prints a version.
const semver = require('/usr/share/nodejs/semver');
const { readFileSync } = require('node:fs');

const [range, preferred] = process.argv.slice(2);
if (semver.validRange(range) === null) {
  console.error(` !     "${range}" is not a range of versions.`);
  process.exit(1);
}
const packument = JSON.parse(readFileSync(0, 'utf8'));
const fitting = Object.keys(packument.versions).filter((version) => semver.satisfies(version, range));
const best = (preferred && semver.maxSatisfying(fitting, preferred)) || semver.maxSatisfying(fitting, '*') || semver.rsort(fitting)[0];
if (!best) {
  console.error(` !     ${packument.name} has no version in "${range}".`);
  process.exit(1);
}
console.log(best);
