require('node:http').createServer((_, res) => res.end('target\n')).listen(process.env.PORT ?? 3000);
