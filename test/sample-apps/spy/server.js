require('node:http')
  .createServer((request, response) => response.end('a web process answers\n'))
  .listen(process.env.PORT);
