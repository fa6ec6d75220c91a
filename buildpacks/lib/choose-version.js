// choose-version WHERE RANGE [PREFERRED] < packument: prints a version. WHERE: what asks for the range, as the user knows it.
const semver = require('semver');
const { readFileSync } = require('node:fs');

const NO_SUCH_VERSION = 2;
const [where, range, preferred] = process.argv.slice(2);
const text = readFileSync(0, 'utf8');
// Without an answer of the registry; curl has said why.
if (text === '') process.exit(1);
const { versions, 'dist-tags': tags = {} } = JSON.parse(text);

function refuse(why) {
  console.error(` !     ${where} ${why}`);
  process.exit(NO_SUCH_VERSION);
}

function newest(list) {
  return semver.maxSatisfying(list, '*') ?? semver.rsort(list)[0];
}

if (Object.hasOwn(tags, range)) {
  console.log(tags[range]);
} else {
  if (semver.validRange(range) === null) refuse(`says "${range}", which is not a version: write one such as "24.x" or ">=22".`);
  const fitting = Object.keys(versions).filter((version) => semver.satisfies(version, range));
  const best = (preferred && semver.maxSatisfying(fitting, preferred)) || newest(fitting);
  if (!best) refuse(`asks for "${range}", which does not exist: the newest version is ${newest(Object.keys(versions))}.`);
  console.log(best);
}
