const express = require('express');
const { createServer } = require('node:http');
const { WebSocketServer } = require('ws');

const { PORT, DYNO, MOTHERSHIP_RELEASE } = process.env;
const app = express();
app.get('/', (request, response) => response.json({ dyno: DYNO, release: MOTHERSHIP_RELEASE, host: request.headers.host, proto: request.headers['x-forwarded-proto'] }));

const server = createServer(app);
const sockets = new WebSocketServer({ server });
sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`${DYNO}: ${data}`)));
server.listen(PORT, () => console.log(`listening on ${PORT}`));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
