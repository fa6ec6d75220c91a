require('node:http').createServer((_, res) => res.end('healthcheck\n')).listen(process.env.PORT ?? 3000);
