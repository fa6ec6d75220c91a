// check-integrity FILE INTEGRITY: fails unless the file has the digest, e.g. sha512-…
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');

const [file, integrity] = process.argv.slice(2);
const [algorithm, expected] = integrity.split(/-(.*)/);
if (createHash(algorithm).update(readFileSync(file)).digest('base64') !== expected) {
  console.error(` !     What was downloaded is not what the registry promised (${integrity}).`);
  process.exit(1);
}
