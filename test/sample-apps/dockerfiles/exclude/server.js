require('node:http').createServer((_, res) => res.end('exclude\n')).listen(process.env.PORT ?? 3000);
