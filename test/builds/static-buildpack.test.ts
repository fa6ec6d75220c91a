import { expect } from 'chai';
import { BuildpackShell, type Compiled } from './buildpack-shell.ts';

/** The static buildpack without a container: what it writes for nginx, and what it says. */
describe('the static buildpack', function () {
  this.timeout(60_000);
  let shell: BuildpackShell;
  before(async () => {
    shell = await BuildpackShell.create('http://127.0.0.1:9');
  });
  after(() => shell.remove());
  const build = (settings: object): Promise<Compiled> =>
    shell.compile('static', { 'index.html': 'x', 'static.json': JSON.stringify(settings) });
  const rules = ({ app }: Compiled): string | undefined => app['.mothership/static/site.conf'];

  it('serves the page of the route /** for every path that is no file, as on Heroku', async () => {
    const built = await build({ routes: { '/**': 'index.html' } });
    expect(built.exitCode, built.lines.join('\n')).to.equal(0);
    expect(rules(built)).to.equal('location / { try_files $uri $uri/ /index.html; }\n');
    expect(built.lines.join('\n')).not.to.contain('no effect');
  });

  it('lists settings that have no effect', async () => {
    const built = await build({ https_only: true, routes: { '/api/*': 'api.html' }, headers: {}, clean_urls: true });
    expect(built.exitCode).to.equal(0);
    expect(built.lines.join('\n')).to.contain(
      'static.json: these settings have no effect: headers, https_only, routes /api/*.',
    );
    expect(rules(built)).to.equal('location / { try_files $uri $uri.html $uri/ =404; }\n');
  });

  it('does not let a route write settings', async () => {
    const built = await build({ routes: { '/**': 'x; } location /secret { root /' } });
    expect(built.exitCode).not.to.equal(0);
    expect(built.lines.join('\n')).to.contain('"fallback" is not a path');
  });

  it('ignores routes that are no object', async () => {
    const built = await build({ routes: ['/**'] });
    expect(built.exitCode, built.lines.join('\n')).to.equal(0);
    expect(rules(built)).to.equal('location / { try_files $uri $uri/ =404; }\n');
  });
});
