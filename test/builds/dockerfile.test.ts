import { expect } from 'chai';
import { parseBuildArgs } from '../../src/builds/dockerfile/build-args.ts';
import { mountedSecrets, secretOf } from '../../src/builds/dockerfile/dockerfile-secrets.ts';
import { forBuildah } from '../../src/builds/dockerfile/for-buildah.ts';
import { parseDockerfile, withoutLink } from '../../src/builds/dockerfile/dockerfile.ts';
import { checkDockerfile } from '../../src/builds/dockerfile/dockerfile-rules.ts';

const OPEN = { buildArgs: {}, stackImages: [], allowedRegistries: [] };
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

const parsed = (text: string) =>
  parseDockerfile(text).instructions.map(({ name, flags, rest, line, hereDocuments }) =>
    [line, name, ...flags, rest, ...hereDocuments.map((document) => document.name)].join(' | '),
  );

describe('a Dockerfile', () => {
  it('is read as Docker reads it', () => {
    expect(parsed(SAMPLE)).to.deep.equal([
      '4 | FROM | debian AS base',
      '6 | RUN | --mount=type=cache,target=/root/.npm | npm ci   && npm run build',
      '11 | COPY | --link | --from=base | /a   /b',
      '13 | CMD | ["a", "--flag"]',
    ]);
    expect(parseDockerfile(SAMPLE).directives).to.deep.equal(['# syntax=docker/dockerfile:1', '# escape=\\']);
  });

  it('may escape with a backtick, end in the middle, have flags over lines and Windows line ends', () => {
    expect(parsed('# escape=`\r\nRUN `\r\n --network=host `\r\n a\\\r\nRUN b `')).to.deep.equal([
      '2 | RUN | --network=host | a\\',
      '5 | RUN | b',
    ]);
    expect(parsed('')).to.deep.equal([]);
    expect(parsed('\uFEFF# escape=`\n FROM a')).to.deep.equal(['2 | FROM | a']);
  });

  it('may have here-documents, several in one instruction, with the same names as instructions', () => {
    expect(
      parsed(
        [
          'RUN <<EOF cat && cat <<-"TWO" 3<<\'x.y\'',
          'FROM nowhere',
          'EOF',
          '\tLABEL a=b \\',
          '\tTWO',
          ' x.y',
          'x.y',
          'COPY --chmod=755 <<RUN a.txt \\',
          '  /x/',
          'RUN',
          'ADD ["<<EOF", "/x"]',
          'RUN echo "<<EOF" \\<<EOF x<<EOF <<<EOF $((1<<3)) ${a}',
          "RUN echo don't <<EOF",
          'LABEL a=<<EOF',
          'ONBUILD RUN <<EOF',
          'EOF',
          'RUN [ -e a ] && cat <<EOF',
          'EOF',
        ].join('\n'),
      ),
    ).to.deep.equal([
      '1 | RUN | <<EOF cat && cat <<-"TWO" 3<<\'x.y\' | EOF | TWO | x.y',
      '8 | COPY | --chmod=755 | <<RUN a.txt   /x/ | RUN',
      '11 | ADD | ["<<EOF", "/x"]',
      '12 | RUN | echo "<<EOF" \\<<EOF x<<EOF <<<EOF $((1<<3)) ${a}',
      "13 | RUN | echo don't <<EOF",
      '14 | LABEL | a=<<EOF',
      '15 | ONBUILD | RUN <<EOF | EOF',
      '17 | RUN | [ -e a ] && cat <<EOF | EOF',
    ]);
  });

  for (const [text, why] of Object.entries({
    'FROM a\nRUN <<EOF\necho': 'Line 2 of the Dockerfile is invalid: the here-document EOF does not end.',
    'FROM a\nRUN echo ${a:-b} <<EOF\nEOF': 'Line 2 .*operator; use two instructions',
    'FROM a\nRUN echo ${a:-"b <<EOF c"}\nEOF': 'Line 2 .*operator; use two instructions',
    'FROM a\nRUN cat <<E$F\nE$F': 'Line 2 .*not a valid here-document',
    '# syntax=docker/dockerfile:1\n# escape=`\nFROM a': 'Line 2 .*must be on the first line',
    '# escape=`\n# escape=`\nFROM a': 'Line 2 .*a second escape directive',
    '# escape=x\nFROM a': 'Line 1 .*must be',
  }))
    it(`is refused: ${JSON.stringify(text)}`, () => expect(() => parseDockerfile(text)).to.throw(new RegExp(why)));

  it('loses --link, which is only about caches, and no line', () => {
    expect(withoutLink('FROM a\nCOPY --from=b --link a b\n')).to.equal('FROM a\nCOPY --from=b  a b\n');
    expect(
      withoutLink('FROM a\nCOPY \\\n  # --link\n  --link=true \\\n  a b\r\nRUN ln --link\nADD --link a b'),
    ).to.equal('FROM a\nCOPY \\\n  # --link\n   \\\n  a b\r\nRUN ln --link\nADD  a b');
    expect(withoutLink('FROM a\nRUN ln --link a b\nCOPY --link=false a b')).to.equal(undefined);
  });

  it('of the largest size is read in linear time', () => {
    const size = 256 * 1024;
    for (const piece of [
      '\n',
      'RUN a\\\n',
      'COPY --a=',
      '${a:-',
      'ENV A $A$A\n',
      '\\ ',
      ' \t',
      '\r',
      '<<A ',
      'ARG A=$A"\n',
      'RUN <<A\nA\n',
      'LABEL a="b',
      'ADD $A ',
      '`\n',
      '["a",',
      '--',
      'ADD http://a/$A /\n',
      'FROM a AS a\n',
    ]) {
      const text = `FROM node\nRUN ${piece.repeat(size / piece.length)}`;
      const began = process.cpuUsage();
      for (const check of [() => parseDockerfile(text), () => checkDockerfile(text, OPEN)]) {
        try {
          check();
        } catch (error) {
          expect(error).to.have.property('code');
        }
      }
      const { user, system } = process.cpuUsage(began);
      expect((user + system) / 1000, JSON.stringify(piece)).to.be.lessThan(500);
    }
  });

  it('goes to buildah as it is, but for links, and secrets in a variable or without an id', () => {
    const kept = 'FROM a\n# --mount=type=secret,env=X\nRUN --mount=type=secret,id=a,target=/x cat /x\n';
    expect(forBuildah(kept)).to.equal(kept);
    expect(forBuildah('FROM a\nCOPY --link --chmod=755 a b\n')).to.equal('FROM a\nCOPY  --chmod=755 a b\n');
    const flags = '--mount=type=secret,id=npm-token,env=TOKEN --mount=type=secret,dst=/root/rc,required';
    expect(forBuildah(`FROM a\nRUN ${flags} \\\n  --network=default npm ci \\\n  && true\nCMD x\n`)).to.equal(
      [
        'FROM a',
        'RUN --mount=id=npm-token,type=secret,target=/run/secrets/.env-0,mode=0444 --mount=id=rc,type=secret,dst=/root/rc,required \\',
        '  --network=default [ ! -e /run/secrets/.env-0 ] || export TOKEN="$(cat /run/secrets/.env-0)"; npm ci \\',
        '  && true',
        'CMD x',
        '',
      ].join('\n'),
    );
  });

  it('finds a secret by the name of a config var', () => {
    const config = { NPM_TOKEN: 'a', other: 'b' };
    expect(['NPM_TOKEN', 'npm_token', 'npm-token', 'other', 'nothing'].map((id) => secretOf(id, config))).to.deep.equal(
      ['a', 'a', 'a', 'b', undefined],
    );
    for (const id of ['constructor', '__proto__', 'toString']) expect(secretOf(id, config), id).to.equal(undefined);
    const text = 'RUN --mount=type=secret,id=npm-token,required --mount=target=/other,type=secret --mount=type=ssh x\n';
    expect([...mountedSecrets(parseDockerfile(text), config)]).to.deep.equal([
      ['npm-token', 'a'],
      ['other', 'b'],
    ]);
    expect(() => mountedSecrets(parseDockerfile(text), {}))
      .to.throw()
      .with.property('code', 'DOCKERFILE_SECRET_MISSING');
  });

  it('takes build args that are names and text', () => {
    expect(parseBuildArgs('{"A": "1 2", "b_2": ""}')).to.deep.equal({ A: '1 2', b_2: '' });
    for (const wrong of ['', '[]', 'null', '{"A": 1}', '{"A B": "x"}', '{"": "x"}', '{"-f": "x"}'])
      expect(() => parseBuildArgs(wrong), wrong)
        .to.throw()
        .with.property('code', 'BUILD_ARG_INVALID');
  });
});
