require('node:http').createServer((_, res) => res.end('node\n')).listen(process.env.PORT ?? 3000);
