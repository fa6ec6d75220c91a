require('node:http').createServer((_, res) => res.end('ignore-file\n')).listen(process.env.PORT ?? 3000);
