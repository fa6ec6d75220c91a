require('node:http').createServer((_, res) => res.end('build-args\n')).listen(process.env.PORT ?? 3000);
