import { createServer } from 'node:http';

const { PORT = '3000', MOTHERSHIP_APP = 'hello', MOTHERSHIP_RELEASE = 'no release yet', DYNO = 'this machine', GREETING = 'Hello from your own cloud.' } = process.env;

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(MOTHERSHIP_APP)}</title>
<style>
  :root { color-scheme: light dark; font: 1.1rem/1.6 system-ui, sans-serif; }
  body { max-width: 34rem; margin: 16vh auto; padding: 0 1.5rem; }
  h1 { font-size: 2.2rem; line-height: 1.2; margin-bottom: .5rem; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.5rem; margin: 2rem 0; }
  dt { opacity: .6; }
  dd { margin: 0; font-weight: 600; }
  code { background: color-mix(in srgb, currentColor 10%, transparent); border-radius: .3rem; padding: .15rem .4rem; }
</style>
<h1>${html(GREETING)}</h1>
<p>This app runs on Mothership.</p>
<dl>
  <dt>App</dt><dd>${html(MOTHERSHIP_APP)}</dd>
  <dt>Release</dt><dd>${html(MOTHERSHIP_RELEASE)}</dd>
  <dt>Process</dt><dd>${html(DYNO)}</dd>
  <dt>Node.js</dt><dd>${process.version}</dd>
</dl>
<p>Change something in <code>server.js</code> and run <code>mothership deploy</code> again, or greet differently with
<code>mothership config:set GREETING='Good morning'</code>.</p>
</html>
`;

function html(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  const found = pathname === '/' && (request.method === 'GET' || request.method === 'HEAD');
  response.writeHead(found ? 200 : 404, { 'content-type': found ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8' });
  response.end(found ? page : 'Nothing is here.\n');
});

server.listen(Number(PORT), () => console.log(`${MOTHERSHIP_APP} ${MOTHERSHIP_RELEASE} listens on ${PORT}`));

// A release that is replaced finishes the requests that it has.
process.on('SIGTERM', () => server.close(() => process.exit(0)));
