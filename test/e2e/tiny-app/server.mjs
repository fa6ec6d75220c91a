// A web app in one file without dependencies, for tests in which building one is not the point.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const { PORT = '8080', MODE = 'serve', TEXT = 'tiny', MOTHERSHIP_RELEASE = '' } = process.env;
const port = MODE === 'wrong-port' ? Number(PORT) + 1 : Number(PORT);

console.log(`tiny: starting as ${TEXT}, mode ${MODE}`);
if (MODE === 'crash') {
  console.error('tiny: the database said no');
  process.exit(7);
}

const read = async (request) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const routes = {
  '/': (_request, response) => response.end(`${TEXT}\n`),
  '/env': (_request, response) => response.end(JSON.stringify(process.env)),
  '/echo': async (request, response) => response.end(await read(request)),
  '/slow': (_request, response) => setTimeout(() => response.end('slow\n'), 1500),
  '/exit': (_request, response) => response.end('bye\n', () => process.exit(3)),
  '/log': (request, response) => {
    console.log(`tiny: said ${new URL(request.url, 'http://tiny').searchParams.get('line')}`);
    response.end('said\n');
  },
};

const server = createServer(async (request, response) => {
  const route = routes[request.url.split('?')[0]];
  response.setHeader('x-release', MOTHERSHIP_RELEASE);
  response.statusCode = route ? 200 : 404;
  await (route ?? ((_request, missing) => missing.end('not here\n')))(request, response);
});

// An echo over WebSocket: short text messages, whole in one packet.
server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  socket.on('error', () => undefined);
  socket.on('data', (frame) => {
    const [opcode, length] = [frame[0] & 15, frame[1] & 127];
    if (opcode === 8) return void socket.end(Buffer.from([0x88, 0]));
    const text = frame.subarray(6, 6 + length).map((byte, index) => byte ^ frame[2 + (index % 4)]);
    socket.write(Buffer.concat([Buffer.from([0x81, length]), text]));
  });
});

if (MODE === 'deaf') setInterval(() => console.log('tiny: not listening'), 500);
else if (MODE === 'late') setTimeout(listen, 4000);
else listen();

function listen() {
  server.listen(port, '0.0.0.0', () => console.log(`tiny: listening on ${port}`));
}

process.on('SIGTERM', () => {
  console.log('tiny: stopping');
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
