require('node:http').createServer((_, res) => res.end('byte-order-mark\n')).listen(process.env.PORT ?? 3000);
