const ms = require('ms');

require('node:http').createServer((request, response) => response.end(String(ms('2 days')))).listen(process.env.PORT);
