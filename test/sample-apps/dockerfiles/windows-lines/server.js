require('node:http').createServer((_, res) => res.end('windows-lines\n')).listen(process.env.PORT ?? 3000);
