require('node:http').createServer((_, res) => res.end('platform\n')).listen(process.env.PORT ?? 3000);
