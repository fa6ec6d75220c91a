import { expect } from 'chai';
import { parseBuildArgs } from '../../src/builds/dockerfile/build-args.ts';
import { secretIndex, secretMount, secretOf } from '../../src/builds/dockerfile/dockerfile-secrets.ts';
import { dockerfileText, parseDockerfile } from '../../src/builds/dockerfile/dockerfile.ts';
import { asWritten, translateDockerfile } from '../../src/builds/dockerfile/dockerfile-dialect.ts';

const SAMPLE = [
  '# syntax=docker/dockerfile:1',
  '# escape=\\',
  '',
  'from debian AS base',
  '# a comment',
  'RUN --mount=type=cache,target=/root/.npm \\',
  '  # in between',
  '  npm ci \\',
  '',
  '  && npm run build',
  'COPY --link --from=base /a \\',
  '  /b',
  'CMD ["a", "--flag"]',
].join('\n');

describe('a Dockerfile', () => {
  it('is read as Docker reads it', () => {
    expect(parseDockerfile(SAMPLE)).to.deep.equal({
      directives: ['# syntax=docker/dockerfile:1', '# escape=\\'],
      instructions: [
        { name: 'FROM', flags: [], rest: 'debian AS base' },
        { name: 'RUN', flags: ['--mount=type=cache,target=/root/.npm'], rest: 'npm ci \\\n  && npm run build' },
        { name: 'COPY', flags: ['--link', '--from=base'], rest: '/a \\\n  /b' },
        { name: 'CMD', flags: [], rest: '["a", "--flag"]' },
      ],
    });
    const again = parseDockerfile(dockerfileText(parseDockerfile(SAMPLE)));
    expect(again).to.deep.equal(parseDockerfile(SAMPLE));
  });

  it('may escape with a backtick, end in the middle, have flags over lines and Windows line ends', () => {
    expect(parseDockerfile('# escape=`\r\nRUN `\r\n --network=host `\r\n a\\\r\nRUN b `').instructions).to.deep.equal([
      { name: 'RUN', flags: ['--network=host'], rest: 'a\\' },
      { name: 'RUN', flags: [], rest: 'b `' },
    ]);
    expect(parseDockerfile('').instructions).to.deep.equal([]);
  });

  it('goes to the engine as it is when it needs nothing else', () => {
    expect(translateDockerfile('FROM a\nRUN b --mount=type=cache\nCOPY --from=x --chown=1 a b\n')).to.deep.equal({
      notices: [],
      secretSteps: [],
    });
  });

  it('loses what only saves time, and says so', () => {
    const { text, notices } = translateDockerfile(SAMPLE);
    expect(text)
      .to.contain('RUN npm ci \\\n  && npm run build')
      .and.contain('COPY --from=base /a \\\n  /b')
      .and.contain('# escape=\\');
    expect(notices).to.deep.equal([
      'Left out of the Dockerfile, which takes more time without: --mount=type=cache, --link',
    ]);
  });

  for (const line of [
    'RUN --mount=type=secret,id=npm ["npm", "ci"]',
    'RUN --mount=type=secret,id=a/b make',
    'RUN --mount=type=secret,id=a,target=relative make',
    'RUN --mount=type=secret,constructor=x make',
    'RUN --mount=target=/src ls',
    'RUN --mount=id=x,type=ssh ls',
    'COPY --chmod=755 a b',
    'RUN <<EOF',
    'COPY <<"EOF" /a',
    'RUN --network=none ls',
  ]) {
    it(`is refused before it runs: ${line}`, () =>
      expect(translateDockerfile(`FROM a\n${line}\n`).refused).to.equal(line));
  }

  for (const line of ['RUN cat <<<word', 'RUN echo $((1<<3))', 'RUN a \\\n  <<EOF']) {
    it(`is not taken for a here-document: ${line.replace('\n', ' ')}`, () =>
      expect(translateDockerfile(`FROM a\n${line}\n`).refused).to.equal(undefined));
  }

  it('waits for secrets before a step that asks for some', () => {
    const flags =
      '--mount=type=secret,id=npm-token,env=TOKEN --mount=type=secret,id=rc,dst=/root/.npmrc,uid=1000,required';
    const { text, secretSteps } = translateDockerfile(
      `FROM a\nRUN make\nRUN ${flags} --mount=type=cache,target=/c npm ci \\\n  && true\n`,
    );
    expect(secretSteps.map(({ mounts }) => mounts)).to.deep.equal([
      [
        { id: 'npm-token', env: 'TOKEN', required: false, owner: '0:0', mode: '0400' },
        { id: 'rc', target: '/root/.npmrc', required: true, owner: '1000:0', mode: '0400' },
      ],
    ]);
    const [, plain, waiting] = text!.split('\n');
    expect(plain).to.equal('RUN make');
    expect(waiting).to.match(
      /^RUN : mothership-secrets-0; .*until .* export TOKEN="\$\(cat \/dev\/shm\/npm-token\)"; trap .* 0; npm ci \\$/,
    );
    expect(secretIndex(`Step 3/9 : ${waiting}`)).to.equal(0);
    expect(secretIndex('Step 3/9 : RUN make')).to.equal(undefined);
    expect(asWritten(`Step 3/9 : ${waiting}`, { secretSteps })).to.equal(`Step 3/9 : RUN ${flags} npm ci \\`);
  });

  it('finds a secret by the name of a config var', () => {
    const config = { NPM_TOKEN: 'a', other: 'b' };
    expect(['NPM_TOKEN', 'npm_token', 'npm-token', 'other', 'nothing'].map((id) => secretOf(id, config))).to.deep.equal(
      ['a', 'a', 'a', 'b', undefined],
    );
    for (const id of ['constructor', '__proto__', 'toString']) expect(secretOf(id, config), id).to.equal(undefined);
    expect(secretMount('--mount=type=secret,id=x')).to.include({ target: '/run/secrets/x' });
  });

  it('takes build args that are names and text', () => {
    expect(parseBuildArgs('{"A": "1 2", "b_2": ""}')).to.deep.equal({ A: '1 2', b_2: '' });
    for (const wrong of ['', '[]', 'null', '{"A": 1}', '{"A B": "x"}', '{"": "x"}', '{"-f": "x"}'])
      expect(() => parseBuildArgs(wrong), wrong)
        .to.throw()
        .with.property('code', 'BUILD_ARG_INVALID');
  });
});
