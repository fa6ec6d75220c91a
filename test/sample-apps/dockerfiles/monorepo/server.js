require('node:http').createServer((_, res) => res.end('monorepo\n')).listen(process.env.PORT ?? 3000);
