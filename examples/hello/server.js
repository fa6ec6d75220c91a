const { createServer } = require('node:http');
const { hostname } = require('node:os');

const release = process.env.MOTHERSHIP_RELEASE_VERSION ?? process.env.HEROKU_RELEASE_VERSION ?? '';
console.log('hi', release, hostname());
createServer((request, response) => response.end('Hello')).listen(process.env.PORT);
