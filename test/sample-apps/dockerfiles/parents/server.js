require('node:http').createServer((_, res) => res.end('parents\n')).listen(process.env.PORT ?? 3000);
