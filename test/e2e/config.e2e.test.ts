import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { cluster } from '../fixtures/cluster-fixture.ts';
import type { Cluster } from '../fixtures/cluster.ts';

/** What shells, templates and line-based formats like to take for their own. */
const ODD = {
  BRACES: '{{.Task.Slot}} {{ "{{" }} }} {{{',
  QUOTES: `it's "quoted" \`twice\` \\n $HOME $(id) %s`,
  LINES: '-----BEGIN KEY-----\nline two\n\ttab\n-----END KEY-----',
  UNICODE: 'Grüße, 世界 🚀',
  EMPTY: '',
  SPACES: '  two before, two after  ',
  EQUALS: 'a=b==c',
  DASH: '--not-a-flag',
};

describe('config vars', function () {
  this.timeout(60_000);
  const app = 'config-e2e';
  let mothership: Cluster;

  const environment = async (): Promise<Record<string, string>> =>
    JSON.parse((await mothership.http(app, '/env')).body) as Record<string, string>;

  before(async function () {
    this.timeout(180_000);
    mothership = await cluster();
    await mothership.tinyApp(app);
  });

  it('reach the process as they were given, whatever is in them', async () => {
    const version = await mothership.current(app);
    const result = await mothership.json<{ release: number }>([
      'config:set',
      '-a',
      app,
      ...Object.entries(ODD).map(([key, value]) => `${key}=${value}`),
    ]);
    expect(result.release).to.equal(version + 1);
    expect(await environment()).to.include(ODD);
  });

  it('are printed as they were given', async () => {
    expect(await mothership.json(['config', '-a', app])).to.deep.equal(ODD);
    for (const [key, value] of Object.entries(ODD))
      expect(await mothership.ok(['config:get', key, '-a', app])).to.equal(`${value}\n`);
  });

  it('survive a shell', async () => {
    const script = await mothership.ok(['config', '--shell', '-a', app]);
    const file = join(await mothership.home, 'config.sh');
    await writeFile(file, script);
    const { execa } = await import('execa');
    for (const [key, value] of Object.entries(ODD)) {
      const { stdout } = await execa('sh', ['-c', `. "$1"; printf '%s' "$${key}"`, 'sh', file], {
        stripFinalNewline: false,
      });
      expect(stdout, key).to.equal(value);
    }
  });

  it('reach a one-off process too', async () => {
    for (const key of ['BRACES', 'QUOTES', 'LINES']) {
      expect(await mothership.ok(['run', '-a', app, '--', 'printenv', key])).to.equal(
        `${ODD[key as keyof typeof ODD]}\n`,
      );
    }
  });

  it('are read from a file and from stdin', async () => {
    await mothership.ok(['config:set', 'PEM', '--from-file', '-', '-a', app], { stdin: ODD.LINES });
    expect(await environment()).to.include({ PEM: ODD.LINES });
  });

  it('go away with config:unset', async () => {
    await mothership.ok(['config:unset', 'PEM', 'EMPTY', '-a', app]);
    expect(await environment()).to.not.have.any.keys('PEM', 'EMPTY');
    expect((await mothership.mothership(['config:get', 'PEM', '-a', app])).code).to.equal(1);
  });

  it('are edited in $EDITOR: added, changed, removed in one release', async () => {
    const editor = join(mothership.home, 'editor.sh');
    await writeFile(
      editor,
      `#!/bin/sh\nsed -i -e '/^EQUALS=/d' -e 's/^DASH=.*/DASH="new value"/' "$1"\nprintf 'ADDED=%s\\n' "'by hand'" >> "$1"\n`,
    );
    await chmod(editor, 0o755);
    const version = await mothership.current(app);
    await mothership.ok(['config:edit', '-a', app], { env: { EDITOR: editor } });
    expect(await mothership.current(app)).to.equal(version + 1);
    const vars = await environment();
    expect(vars).to.include({ DASH: 'new value', ADDED: 'by hand', QUOTES: ODD.QUOTES });
    expect(vars).to.not.have.property('EQUALS');
  });

  it('stay as they are when the editor changes nothing or fails', async () => {
    const version = await mothership.current(app);
    expect((await mothership.mothership(['config:edit', '-a', app], { env: { EDITOR: 'true' } })).code).to.equal(0);
    expect((await mothership.mothership(['config:edit', '-a', app], { env: { EDITOR: 'false' } })).code).to.equal(1);
    expect(await mothership.current(app)).to.equal(version);
  });

  it('come back with a rollback', async () => {
    await mothership.ok(['config:set', 'TEXT=changed', '-a', app]);
    expect((await mothership.http(app)).body).to.equal('changed\n');
    await mothership.ok(['rollback', '-a', app]);
    expect((await mothership.http(app)).body).to.equal(`${app}\n`);
  });

  it('may be set before the first deploy', async () => {
    await mothership.ok(['apps:create', 'early-e2e', '--no-link']);
    await mothership.ok(['config:set', 'TEXT=set first', '-a', 'early-e2e']);
    await mothership.ok(['deploy', '-a', 'early-e2e', '--image', 'tiny/config-e2e:serve']);
    expect((await mothership.http('early-e2e')).body).to.equal('set first\n');
  });
});
