require('node:http').createServer((_, res) => res.end('node-link\n')).listen(process.env.PORT ?? 3000);
