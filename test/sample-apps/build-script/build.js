const isNumber = require('is-number');
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');

mkdirSync('dist');
writeFileSync('dist/server.js', readFileSync('server.js', 'utf8').replace('BUILT', isNumber(5) ? 'yes' : 'no'));
console.log(`built with ${process.env.BUILD_SECRET ?? 'no secret'}`);
