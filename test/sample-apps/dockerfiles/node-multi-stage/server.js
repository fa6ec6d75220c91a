require('node:http').createServer((_, res) => res.end('node-multi-stage\n')).listen(process.env.PORT ?? 3000);
