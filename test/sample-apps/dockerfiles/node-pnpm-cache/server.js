require('node:http').createServer((_, res) => res.end('node-pnpm-cache\n')).listen(process.env.PORT ?? 3000);
