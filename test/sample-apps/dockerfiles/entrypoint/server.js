require('node:http').createServer((_, res) => res.end('entrypoint\n')).listen(process.env.PORT ?? 3000);
