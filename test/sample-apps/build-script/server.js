const { existsSync } = require('node:fs');
const ms = require('ms');

const answer = { built: 'BUILT', ms: ms('1s'), development: existsSync('node_modules/is-number') };
require('node:http').createServer((request, response) => response.end(JSON.stringify(answer))).listen(process.env.PORT);
