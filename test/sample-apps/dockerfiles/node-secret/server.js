require('node:http').createServer((_, res) => res.end('node-secret\n')).listen(process.env.PORT ?? 3000);
