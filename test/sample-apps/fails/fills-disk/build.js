const { appendFileSync } = require('node:fs');

// Slowly, so that the build is caught at it; the machine it runs on is not filled.
const block = Buffer.alloc(1024 * 1024, 1);
const where = process.env.FILLS_CACHE ? '/build/cache' : '.';
let n = 0;
setInterval(() => {
  if (n < 1000) appendFileSync(`${where}/fill-${n++}`, block);
}, 10);
