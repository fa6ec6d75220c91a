import express from 'express';
import { WebSocketServer } from 'ws';

const { PORT = '3000', DYNO = 'local', MOTHERSHIP_RELEASE = 'none' } = process.env;

const app = express();
app.use(express.static('public'));
app.get('/api/whoami', (request, response) => response.json({ process: DYNO, release: MOTHERSHIP_RELEASE }));
app.post('/api/echo', express.text({ type: '*/*', limit: '10mb' }), (request, response) => response.send(request.body));

const server = app.listen(Number(PORT), () => console.log(`${DYNO} listens on ${PORT}`));

const sockets = new WebSocketServer({ server, path: '/echo' });
sockets.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.send(`connected to ${DYNO} of ${MOTHERSHIP_RELEASE}`);
});

// A release that is replaced finishes its requests; clients of open sockets are told to come back.
process.on('SIGTERM', () => {
  for (const socket of sockets.clients) socket.close(1012, 'restarting');
  server.close(() => process.exit(0));
});
