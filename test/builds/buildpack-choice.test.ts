import { expect } from 'chai';
import { configFrom, formationFrom, parseAppJson, unmet } from '../../src/builds/buildpacks/app-json.ts';
import { dockerfileOf, planBuild } from '../../src/builds/buildpacks/build-plan.ts';
import { controlFiles } from '../../src/builds/buildpacks/buildpack-files.ts';
import { changeBuildpacks, type BuildpackChange } from '../../src/builds/buildpacks/buildpack-list.ts';
import { parseBuildpack } from '../../src/builds/buildpacks/buildpack-reference.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
const stack = { name: 'debian-13', buildImage: 'build', runImage: 'run' };
const secret = (): string => 'generated';

describe("a buildpack's name", () => {
  const read: [string, object][] = [
    ['nodejs', { kind: 'stack', bundled: 'nodejs' }],
    ['heroku/ruby', { kind: 'stack', bundled: 'ruby', url: 'https://github.com/heroku/heroku-buildpack-ruby' }],
    ['heroku-community/apt', { kind: 'stack', bundled: 'apt', url: 'https://github.com/heroku/heroku-buildpack-apt' }],
    ['https://example.com/a/b', { kind: 'git', url: 'https://example.com/a/b' }],
    ['https://example.com/a/b.git#v1.2', { kind: 'git', url: 'https://example.com/a/b.git', ref: 'v1.2' }],
    ['https://example.com/a/b#feature/new', { kind: 'git', url: 'https://example.com/a/b', ref: 'feature/new' }],
    [`https://example.com/a/b#${commit}`, { kind: 'git', url: 'https://example.com/a/b', ref: commit }],
    ['https://example.com/a.tgz', { kind: 'archive', url: 'https://example.com/a.tgz' }],
    [
      'https://example.com/a/archive/main.tar.gz?x=1',
      { kind: 'archive', url: 'https://example.com/a/archive/main.tar.gz?x=1' },
    ],
    ['http://10.1.2.3:3000/a', { kind: 'git', url: 'http://10.1.2.3:3000/a' }],
    ['http://[fd00::1]/a', { kind: 'git', url: 'http://[fd00::1]/a' }],
  ];
  for (const [name, expected] of read)
    it(`can be ${name}`, () => expect(parseBuildpack(name)).to.deep.equal({ name, ...expected }));

  const refused: [string, RegExp][] = [
    ['urn:cnb:registry:heroku/nodejs', /Cloud Native Buildpacks/],
    ['urn:buildpack:heroku/ruby', /Cloud Native/],
    ['somebody/apt', /known short names are heroku\/NAME/],
    ['a/b/c', /neither a name/],
    ['../../etc', /neither a name/],
    ['', /neither a name/],
    ['-x', /neither a name/],
    ['no de', /neither a name/],
    ['http://example.com/a', /private addresses/],
    ['http://8.8.8.8/a', /private addresses/],
    ['http://localhost/a', /inside a build, localhost is the build itself/],
    ['https://git.localhost./a', /the build itself/],
    ['http://127.0.0.1/', /inside a build, 127.0.0.1 is the build itself/],
    ['https://127.1.2.3:8443/a.tgz', /the build itself/],
    ['http://2130706433/', /inside a build, 127.0.0.1 is the build itself/],
    ['http://0x7f.1/a', /the build itself/],
    ['http://0/a', /the build itself/],
    ['http://[::1]/a', /the build itself/],
    ['http://[::ffff:127.0.0.1]/a', /the build itself/],
    ['http://[::]/a', /the build itself/],
    ['git://example.com/a', /git:\/\/ instead of https/],
    ['ssh://git@example.com/a', /password/],
    ['ssh://example.com/a', /ssh:\/\/ instead/],
    ['git@example.com:a/b', /neither a name/],
    ['file:///etc', /file:\/\/ instead/],
    ['ext::sh -c x', /neither a name/],
    ['https://user:secret@example.com/a', /password in the URL/],
    ['https://example.com/a b', /not a URL/],
    ['https://example.com/a#--upload-pack=x', /not a branch/],
    ['https://example.com/a#a..b', /not a branch/],
    ['https://', /not a URL/],
    [`https://example.com/${'x'.repeat(300)}`, /longer/],
  ];
  for (const [name, why] of refused)
    it(`cannot be ${JSON.stringify(name.slice(0, 60))}`, () => expect(() => parseBuildpack(name)).to.throw(why));

  it('does not show a password that somebody wrote into it', () => {
    expect(() => parseBuildpack('https://user:secret@example.com/a'))
      .to.throw()
      .and.satisfy((error: Error) => !error.message.includes('secret'));
  });
});

describe("an app's list of buildpacks", () => {
  const cases: [readonly string[], BuildpackChange, readonly string[]][] = [
    [[], { action: 'set', buildpack: 'nodejs' }, ['nodejs']],
    [['a', 'b'], { action: 'set', buildpack: 'nodejs' }, ['nodejs', 'b']],
    [['a', 'b'], { action: 'set', buildpack: 'nodejs', index: 2 }, ['a', 'nodejs']],
    [['a', 'b'], { action: 'set', buildpack: 'nodejs', index: 9 }, ['a', 'b', 'nodejs']],
    [['a', 'b'], { action: 'add', buildpack: 'nodejs' }, ['a', 'b', 'nodejs']],
    [['a', 'b'], { action: 'add', buildpack: 'nodejs', index: 1 }, ['nodejs', 'a', 'b']],
    [['a', 'b'], { action: 'remove', buildpack: 'a' }, ['b']],
    [['a', 'b'], { action: 'remove', index: 2 }, ['a']],
    [['a', 'b'], { action: 'clear' }, []],
  ];
  for (const [before, change, after] of cases) {
    it(`${before.join(', ') || 'nothing'}, after ${JSON.stringify(change)}, is ${after.join(', ') || 'nothing'}`, () =>
      expect(changeBuildpacks('shop', before, change)).to.deep.equal(after));
  }

  it('has each once, no other than can be, and not too many', () => {
    expect(() => changeBuildpacks('shop', ['a'], { action: 'add', buildpack: 'a' })).to.throw(/already set/);
    expect(() => changeBuildpacks('shop', ['a'], { action: 'remove', buildpack: 'b' })).to.throw(
      /buildpack "b" is not set on shop; it has: a/,
    );
    expect(() => changeBuildpacks('shop', ['a'], { action: 'remove', index: 2 })).to.throw(
      /The buildpack number 2 is not set/,
    );
    expect(() => changeBuildpacks('shop', [], { action: 'set', buildpack: 'urn:x' })).to.throw(
      /is not a valid buildpack/,
    );
    expect(() =>
      changeBuildpacks(
        'shop',
        Array.from({ length: 20 }, (_, i) => `b${i}`),
        { action: 'add', buildpack: 'more' },
      ),
    ).to.throw(/at most 20/);
  });

  it('must be in the stack, or have an address', () => {
    const add = (buildpack: string) => changeBuildpacks('shop', [], { action: 'add', buildpack }, ['apt', 'nodejs']);
    expect(() => add('ug')).to.throw('Cannot find the buildpack "ug". This stack has: apt, nodejs.');
    for (const name of ['nodejs', 'heroku/nodejs', 'heroku/cobol', 'https://example.com/ug'])
      expect(add(name)).to.deep.equal([name]);
  });
});

describe('the buildpacks of a build', () => {
  const names = (
    files: Record<string, string>,
    buildpacks: string[] = [],
    config: Record<string, string> = {},
  ): string[] =>
    planBuild({ buildpacks, config, stack }, new Map(Object.entries(files)), secret).buildpacks.map(({ name }) => name);
  const file = '# mine\nheroku/nodejs\n\n  https://example.com/a#v1  \n';
  const json = '{"buildpacks":[{"url":"heroku/python"},{"url":"https://example.com/b"}]}';

  it("are the app's own setting, else those of BUILDPACK_URL, of .buildpacks, of app.json, else detected", () => {
    const both = { '.buildpacks': file, 'app.json': json };
    expect(names(both, ['static'], { BUILDPACK_URL: 'https://example.com/old' })).to.deep.equal(['static']);
    expect(names(both, [], { BUILDPACK_URL: 'https://example.com/old' })).to.deep.equal(['https://example.com/old']);
    expect(names(both)).to.deep.equal(['heroku/nodejs', 'https://example.com/a#v1']);
    expect(names({ 'app.json': json, '.buildpacks': '# none\n' })).to.deep.equal([
      'heroku/python',
      'https://example.com/b',
    ]);
    expect(names({})).to.deep.equal([]);
  });

  it('build an app on which they are set although it has a Dockerfile, as on Heroku', () => {
    const texts = new Map([
      ['Dockerfile', 'FROM scratch'],
      ['.buildpacks', file],
    ]);
    expect(dockerfileOf({ kind: 'auto', buildpacks: [] }, texts)).to.equal('Dockerfile');
    expect(dockerfileOf({ kind: 'auto', buildpacks: ['nodejs'] }, texts)).to.equal(undefined);
    expect(dockerfileOf({ kind: 'auto', buildpacks: ['nodejs'], dockerfile: './a/Dockerfile' }, texts)).to.equal(
      'a/Dockerfile',
    );
    expect(dockerfileOf({ kind: 'dockerfile', buildpacks: ['nodejs'] }, texts)).to.equal('Dockerfile');
    expect(dockerfileOf({ kind: 'buildpacks', buildpacks: [] }, texts)).to.equal(undefined);
    expect(dockerfileOf({ kind: 'auto', buildpacks: [] }, new Map())).to.equal(undefined);
  });

  it("come from another place than Heroku's when MOTHERSHIP_BUILDPACKS_URL names one", () => {
    const { buildpacks } = planBuild(
      { buildpacks: ['heroku/go'], config: { MOTHERSHIP_BUILDPACKS_URL: 'https://git.example.com/mirror/' }, stack },
      new Map(),
      secret,
    );
    expect(buildpacks[0]).to.include({ url: 'https://git.example.com/mirror/heroku-buildpack-go' });
    expect(() => names({}, ['heroku/go'], { MOTHERSHIP_BUILDPACKS_URL: 'ftp://x' })).to.throw(/instead of https/);
  });

  it("run with the variables of all builds, before which an app's config vars and app.json go", () => {
    const platformEnv = { A: 'all', B: 'all', C: 'all', MOTHERSHIP_BUILDPACKS_URL: 'https://git.example.com/all' };
    const texts = new Map([['app.json', '{"env": {"B": "json", "C": "json"}}']]);
    const plan = planBuild(
      { buildpacks: ['heroku/go'], config: { C: 'own' }, platformEnv, stack, isNew: true },
      texts,
      secret,
    );
    expect(plan.config).to.include({ A: 'all', B: 'json', C: 'own' });
    expect(plan.setup?.config).to.deep.equal({ B: 'json' });
    expect(plan.buildpacks[0]).to.include({ url: 'https://git.example.com/all/heroku-buildpack-go' });
  });

  it('are told to the driver as lines of five words, config vars as files', () => {
    const plan = planBuild(
      {
        buildpacks: ['heroku/go', 'https://example.com/a#v1', 'https://example.com/a.tgz'],
        config: { A: 'x\ny\n' },
        stack,
      },
      new Map(),
      secret,
    );
    const files = new Map(controlFiles({ plan, knownLayers: [] }).map(({ name, content }) => [name, String(content)]));
    expect(files.get('in/buildpacks')).to.equal(
      [
        'stack heroku/go go https://github.com/heroku/heroku-buildpack-go -',
        'git https://example.com/a#v1 - https://example.com/a v1',
        'archive https://example.com/a.tgz - https://example.com/a.tgz -',
        '',
      ].join('\n'),
    );
    expect(files.get('env/A')).to.equal('x\ny\n');
    expect(() => controlFiles({ plan: { ...plan, config: { '../x': '' } }, knownLayers: [] })).to.throw(/x/);
  });
});

describe('app.json', () => {
  it('gives a new app config vars and formation, and its other builds nothing', () => {
    const text = JSON.stringify({
      name: 'Sample',
      env: {
        PLAIN: 'p',
        DEFAULT: { value: 'd' },
        SECRET: { generator: 'secret', description: 'x' },
        OWN: { value: 'theirs' },
        MAYBE: { required: false },
      },
      formation: { web: { quantity: 2, size: 'Standard-2X' }, worker: {} },
      scripts: { postdeploy: 'rake db:seed' },
    });
    const texts = new Map([['app.json', text]]);
    const plan = planBuild({ buildpacks: [], config: { OWN: 'mine' }, stack, isNew: true }, texts, secret);
    expect(plan.config).to.deep.equal({ PLAIN: 'p', DEFAULT: 'd', SECRET: 'generated', OWN: 'mine' });
    expect(plan.setup).to.deep.equal({
      config: { PLAIN: 'p', DEFAULT: 'd', SECRET: 'generated' },
      postdeploy: 'rake db:seed',
      formation: {
        web: { quantity: 2, memoryBytes: 1024 ** 3, cpus: 1 },
        worker: { quantity: 0, memoryBytes: 512 * 1024 ** 2, cpus: 1 },
      },
    });
    expect(planBuild({ buildpacks: [], config: {}, stack }, texts, secret)).to.deep.equal({
      buildpacks: [],
      config: {},
      notices: [],
    });
  });

  it('requires what has no value, unless it says otherwise', () => {
    const { env } = parseAppJson('{"env":{"A":{},"B":{"required":true},"C":{"required":false},"D":"d"}}');
    expect(() => configFrom(env!, {}, secret)).to.throw(/not set: A, B/);
    expect(configFrom(env!, { A: '', B: 'b' }, secret)).to.deep.equal({ D: 'd' });
  });

  it('tells plainly what there is not', () => {
    const manifest = parseAppJson(
      '{"stack":"heroku-24","addons":["heroku-postgresql",{"plan":"heroku-redis:mini"}],"healthchecks":{"web":[]},"formation":{"web":{"size":"private-xl"}}}',
    );
    const said = unmet(manifest, 'debian-13').join('\n');
    expect(said)
      .to.match(/heroku-24/)
      .and.match(/heroku-postgresql, heroku-redis:mini/)
      .and.match(/healthchecks/)
      .and.match(/private-xl/);
    expect(unmet(parseAppJson('{"stack":"debian-13"}'), 'debian-13')).to.deep.equal([]);
    expect(formationFrom(manifest.formation!)).to.deep.equal({
      web: { quantity: 1, memoryBytes: 512 * 1024 ** 2, cpus: 1 },
    });
  });

  it('has an environment for tests, with a command of its own', () => {
    const text = '{"env":{"A":"1","B":"1"},"environments":{"test":{"env":{"B":"2"},"scripts":{"test":"npm run ci"}}}}';
    expect(planBuild({ buildpacks: [], config: {}, stack, test: true }, new Map([['app.json', text]]), secret))
      .to.include({ testCommand: 'npm run ci' })
      .and.deep.include({ config: { A: '1', B: '2' } });
  });

  it('cannot set what config:set refuses', () => {
    for (const [key, why] of [
      ['DYNO', /env cannot be set: Mothership sets DYNO/],
      ['MOTHERSHIP_BOOT_TIMEOUT', /MOTHERSHIP_BOOT_TIMEOUT must be a number of seconds/],
      ['MOTHERSHIP_BOOT', /no setting MOTHERSHIP_BOOT/],
    ] as const) {
      const texts = new Map([['app.json', JSON.stringify({ env: { [key]: 'x' } })]]);
      expect(() => planBuild({ buildpacks: [], config: {}, stack, isNew: true }, texts, secret)).to.throw(why);
      expect(planBuild({ buildpacks: [], config: {}, stack, isNew: false }, texts, secret).config).to.deep.equal({});
    }
  });

  for (const [text, why] of [
    ['{\n', /is not JSON: line 2, column 1: /],
    ['{\n  "env": {},\n}', /is not JSON: line 3, column 1: /],
    ['[]', /is invalid/],
    ['{"env":{"A":"\uFFFD"}}', /is not UTF-8 text/],
    ['{"env":{"A B":"x"}}', /env/],
    ['{"env":{"A":{"value":{}}}}', /env\.A/],
    ['{"formation":{"web":{"quantity":-1}}}', /formation\.web\.quantity/],
    ['{"buildpacks":["x"]}', /buildpacks\.0/],
  ] as const) {
    it(`cannot be ${text}`, () => expect(() => parseAppJson(text)).to.throw(why));
  }
});
