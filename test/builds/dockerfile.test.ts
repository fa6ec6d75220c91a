import { expect } from 'chai';
import { parseBuildArgs } from '../../src/builds/index.ts';
import { dockerfileText, parseDockerfile } from '../../src/builds/dockerfile.ts';
import { translateDockerfile } from '../../src/builds/dockerfile-dialect.ts';

const SAMPLE = [
  '# syntax=docker/dockerfile:1', '# escape=\\', '', 'from debian AS base', '# a comment', 'RUN --mount=type=cache,target=/root/.npm \\', '  # in between', '  npm ci \\', '', '  && npm run build',
  'COPY --link --from=base /a \\', '  /b', 'CMD ["a", "--flag"]',
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
      { name: 'RUN', flags: ['--network=host'], rest: 'a\\' }, { name: 'RUN', flags: [], rest: 'b `' },
    ]);
    expect(parseDockerfile('').instructions).to.deep.equal([]);
  });

  it('goes to the engine as it is when it needs nothing else', () => {
    expect(translateDockerfile('FROM a\nRUN b --mount=type=cache\nCOPY --from=x --chown=1 a b\n')).to.deep.equal({ notices: [] });
  });

  it('loses what only saves time, and says so', () => {
    const { text, notices } = translateDockerfile(SAMPLE);
    expect(text).to.contain('RUN npm ci \\\n  && npm run build').and.contain('COPY --from=base /a \\\n  /b').and.contain('# escape=\\');
    expect(notices).to.deep.equal(['Left out of the Dockerfile, which takes more time without: --mount=type=cache, --link']);
  });

  for (const line of ['RUN --mount=type=secret,id=npm npm ci', 'RUN --mount=target=/src ls', 'RUN --mount=id=x,type=ssh ls', 'COPY --chmod=755 a b', 'RUN <<EOF', 'COPY <<"EOF" /a', 'RUN --network=none ls']) {
    it(`is refused before it runs: ${line}`, () => expect(translateDockerfile(`FROM a\n${line}\n`).refused).to.equal(line));
  }

  for (const line of ['RUN cat <<<word', 'RUN echo $((1<<3))', 'RUN a \\\n  <<EOF']) {
    it(`is not taken for a here-document: ${line.replace('\n', ' ')}`, () => expect(translateDockerfile(`FROM a\n${line}\n`).refused).to.equal(undefined));
  }

  it('takes build args that are names and text', () => {
    expect(parseBuildArgs('{"A": "1 2", "b_2": ""}')).to.deep.equal({ A: '1 2', b_2: '' });
    for (const wrong of ['', '[]', 'null', '{"A": 1}', '{"A B": "x"}', '{"": "x"}', '{"-f": "x"}']) expect(() => parseBuildArgs(wrong), wrong).to.throw().with.property('code', 'BUILD_ARG_INVALID');
  });
});
