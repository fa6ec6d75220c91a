import { expect } from 'chai';
import { checkDockerfile, type DockerfileContext } from '../../src/builds/dockerfile/dockerfile-rules.ts';
import { isMothershipError } from '../../src/errors/index.ts';

const RUN_IMAGE = `sha256:${'5'.repeat(64)}`;
const CONTEXT: DockerfileContext = {
  buildArgs: { MOTHERSHIP_RUN_IMAGE: RUN_IMAGE, EVIL: 'mothership-app/shop:1', NONE: '' },
  stackImages: [RUN_IMAGE, 'mothership/stack-build:1'],
  allowedRegistries: ['10.0.0.5:5000', 'registry.corp'],
  ownRegistry: 'registry.example.com/paas',
};

const hosts = (text: string, context: Partial<DockerfileContext> = {}): string[] =>
  checkDockerfile(text, { ...CONTEXT, ...context }).map(({ host }) => host);

const codeOf = (text: string, context: Partial<DockerfileContext> = {}): string => {
  try {
    hosts(text, context);
    return 'none';
  } catch (error) {
    if (!isMothershipError(error)) throw error;
    expect(error.message, text).to.match(/[Ll]ine \d+ of the Dockerfile|has no stage/);
    return error.code;
  }
};

describe('the rules of a Dockerfile', () => {
  describe('for images', () => {
    const OWN = [
      'mothership-app/shop:1',
      'mothership/controller',
      'docker.io/mothership-app/shop:1',
      'index.docker.io/mothership/controller@sha256:' + '1'.repeat(64),
      'library/mothership:1',
      'registry.mothership.internal:5000/apps/shop',
      'registry.example.com/paas/apps/shop',
      'REGISTRY.example.com/paas/platform/router',
      'sha256:' + '1'.repeat(64),
      '1'.repeat(64),
      'cafe12345678',
      'f00',
      'docker-archive:/build/x.tar',
      'oci:x',
      'oci-archive:x.tar',
      'dir:x',
      'containers-storage:node',
      'docker-daemon:node:22',
      'docker://node:22',
      '/build/cache/storage',
      './x',
      '../x',
      'node:22@sha256:short',
      'Node',
      'a'.repeat(600),
      '${EVIL}',
      '${UNSET:-mothership-app/shop:1}',
      '${EVIL:+mothership/controller}',
      '"mothership-app/shop:1"',
      'mother\\ship-app/shop:1',
    ];
    for (const image of OWN)
      it(`refuse ${image.slice(0, 70)} everywhere`, () => {
        const base = 'ARG EVIL\nFROM node:22 AS first\n';
        expect(codeOf(`ARG EVIL\nFROM ${image}\n`)).to.equal('IMAGE_REFUSED');
        expect(codeOf(`${base}FROM ${image}\n`)).to.equal('IMAGE_REFUSED');
        for (const step of [
          `COPY --from=${image} /a /b`,
          `COPY --chown=1 --fr"om"=${image} /a /b`,
          `copy --link \\\n  --from=${image} /a /b`,
          `ONBUILD COPY --from=${image} /a /b`,
          `RUN --mount=type=bind,from=${image},target=/x ls`,
          `RUN --mount=target=/x,from=${image} ls`,
          `ONBUILD RUN --mount=from=${image},target=/x ls`,
        ])
          expect(codeOf(base + step), step).to.be.oneOf(['IMAGE_REFUSED', 'DOCKERFILE_UNSUPPORTED']);
      });

    it('allow stages, the two of the stack, and registries by their names', () => {
      expect(
        hosts(
          [
            'ARG MOTHERSHIP_RUN_IMAGE',
            'ARG VERSION=22',
            'FROM ${MOTHERSHIP_RUN_IMAGE} AS run',
            'FROM mothership/stack-build:1',
            `FROM --platform=$BUILDPLATFORM docker.io/library/node:\${VERSION}-slim@sha256:${'a'.repeat(64)} AS build`,
            'COPY --from=run /a /b',
            'COPY --from=1 /a /b',
            'COPY --from=GHCR.io/example/app:1 /a /b',
            'RUN --mount=type=bind,from=run,target=/x --mount=type=bind,from=quay.io/x/y,target=/y ls',
            'FROM build',
            'FROM 10.0.0.5:5000/x AS last',
            'COPY --from=build /a /b',
            'FROM scratch',
            'COPY --from=docker:24-dind /a /b',
            'COPY --from=ada:1 /a /b',
          ].join('\n'),
        ),
      ).to.deep.equal(['ghcr.io', 'quay.io']);
    });

    it('know no stages that come later or have another case', () => {
      expect(hosts('FROM a:1 AS x\nCOPY --from=y /a /b\nFROM b:1 AS y')).to.deep.equal([]);
      expect(codeOf('FROM a:1 AS Build\nFROM b:1\nCOPY --from=build /a /b')).to.equal('DOCKERFILE_INVALID');
      for (const number of ['0', '1', '99999'])
        expect(codeOf(`FROM a:1\nCOPY --from=${number} /a /b`)).to.equal('DOCKERFILE_INVALID');
      expect(codeOf('FROM a:1 AS mothership/x\n')).to.equal('DOCKERFILE_INVALID');
      expect(codeOf('FROM a:1 AS b', { target: 'c' })).to.equal('DOCKERFILE_STAGE_MISSING');
      for (const target of ['b', '1']) expect(codeOf('FROM a:1\nFROM a:1 AS b', { target })).to.equal('none');
    });

    it('do not let an image decide on another', () => {
      for (const step of [
        'COPY --from=$BASE /a /b',
        'COPY --from=${BASE} /a /b',
        'RUN --mount=type=bind,from=$BASE,target=/x ls',
        'RUN --mount=from=a$BASE,target=/x ls',
        'ENV X=a,from=mothership/controller\nRUN --mount=type=cache,target=/x,id=$X ls',
      ])
        expect(codeOf(`FROM a:1\n${step}`), step).to.be.oneOf(['DOCKERFILE_UNSUPPORTED', 'IMAGE_REFUSED']);
      expect(codeOf('FROM ${UNSET}')).to.equal('DOCKERFILE_INVALID');
      expect(codeOf('ARG NONE\nFROM ${NONE}')).to.equal('DOCKERFILE_INVALID');
      expect(codeOf('ARG V=1.2\nFROM node:${V%%.*}')).to.equal('DOCKERFILE_UNSUPPORTED');
    });
  });

  describe('for servers', () => {
    const PRIVATE = [
      '127.0.0.1:18999',
      '10.1.2.3:5000',
      '172.16.0.1:5000',
      '192.168.1.1:5000',
      '169.254.169.254:80',
      '100.64.0.1:5000',
      '0.0.0.0:5000',
      '2130706433:5000',
      '0x7f.1:5000',
      '127.1:5000',
      '[::1]:5000',
      '[fd00::1]:5000',
      '[fe80::1]:5000',
      '[::ffff:127.0.0.1]:5000',
      '[64:ff9b::7f00:1]:5000',
      'localhost:5000',
      'localhost',
      'app.localhost:5000',
      'registry:5000',
      'manager-1:5000',
      'host.docker.internal:5000',
      '10.0.0.5:5001',
      'registry.corp.:5000',
    ];
    for (const host of PRIVATE)
      it(`refuse ${host}`, () => {
        for (const text of [`FROM ${host}/a/b`, `FROM a:1\nCOPY --from=${host}/a/b /a /b`])
          expect(codeOf(text)).to.be.oneOf(['ADDRESS_PRIVATE', 'IMAGE_REFUSED']);
        if (host === 'registry.corp.:5000') return;
        for (const add of [
          `ADD http://${host}/secret.txt /x`,
          `ADD --chown=1 a https://user:password@${host} /x/`,
          `ADD ["http://${host}/x", "/x"]`,
          `ONBUILD ADD http://${host}/x?y /x`,
          `ENV S=http://${host}\nADD $S/x /x`,
          `ARG S=${host}\nADD "http://\${S}/x" /x`,
          `ARG S\nADD \${S:-http://${host}}/x /x`,
          `ADD ht\\tp://${host}/x /x`,
        ])
          expect(codeOf(`FROM a:1\n${add}`), add).to.equal('ADDRESS_PRIVATE');
      });

    it('allow public ones, which are looked up, and what an admin allowed, which is not', () => {
      expect(
        hosts(
          [
            'FROM a:1',
            'ARG V=1',
            'ADD https://example.com/${V}/$UNKNOWN/${V%%.*} http://example.com:80/ https://example.com:444/a.git#v1 /x/',
            'ADD http://8.8.8.8/x https://[2606:4700::1111]/x /x/',
            'ADD http://10.0.0.5:5000/x http://registry.corp/x /x/',
            'ADD a ./b* $HOME/x\\ y /x/',
            'ADD . $APP_HOME',
            'COPY http://127.0.0.1/ /x',
          ]
            .join('\n')
            .replace('$HOME/', 'home/'),
        ),
      ).to.deep.equal(['example.com', 'example.com:444', '8.8.8.8', '[2606:4700::1111]']);
    });

    it('refuse those that an image could decide on', () => {
      for (const source of [
        '$UNKNOWN',
        '${UNKNOWN}/x',
        'http://$UNKNOWN/x',
        'https://example.com$UNKNOWN/x',
        'h$UNKNOWN',
      ])
        expect(codeOf(`FROM a:1\nADD ${source} /x`), source).to.equal('DOCKERFILE_UNSUPPORTED');
      expect(codeOf('FROM a:1\nADD git@example.com:a/b.git /x')).to.equal('DOCKERFILE_UNSUPPORTED');
    });

    it('look up no more than what a build may need', () => {
      const adds = Array.from({ length: 101 }, (_, n) => `ADD https://a${n}.example.com/ /x`);
      expect(codeOf(['FROM a:1', ...adds].join('\n'))).to.equal('DOCKERFILE_INVALID');
      expect(codeOf('FROM a:1\n'.repeat(101))).to.equal('DOCKERFILE_INVALID');
    });
  });

  describe('for labels', () => {
    for (const line of [
      'LABEL mothership.kind=run',
      'label a=b mothership.app=shop',
      'LABEL "mothership.kind"="run"',
      "LABEL 'mothership.kind'=run",
      'LABEL moth"er"ship.kind=run',
      'LABEL mother\\ship.kind=run',
      'LABEL a="b c" \\\n  # comment\n  mothership.kind=run',
      'LABEL mothership.kind run',
      'LABEL com.docker.swarm.service.name=x',
      'LABEL Mothership.Kind=run',
      'LABEL mothership=x',
      'ONBUILD LABEL mothership.kind=run',
      'onbuild label a=b "com.docker.x"=c',
      '\u0085LABEL mothership.kind=run',
    ])
      it(`refuse ${JSON.stringify(line)}`, () =>
        expect(codeOf(`FROM a:1\n${line}`)).to.equal('DOCKERFILE_LABEL_RESERVED'));

    it('refuse names that an image could decide on', () =>
      expect(codeOf('FROM a:1\nLABEL $X=run')).to.equal('DOCKERFILE_UNSUPPORTED'));

    it('allow others, whatever their values say', () =>
      expect(
        codeOf(
          'FROM a:1\nLABEL a="x mothership.kind=run" b=mothership.app=c motherships.x=1 org.x=$V\nLABEL x mothership.y=1',
        ),
      ).to.equal('none'));
  });

  describe('for the language', () => {
    for (const [line, code] of Object.entries({
      'COPY --parents a b /x/': 'DOCKERFILE_UNSUPPORTED',
      'COPY --chmod=u+x a b': 'DOCKERFILE_UNSUPPORTED',
      'ADD --keep-git-dir=true https://example.com/a.git /x': 'DOCKERFILE_UNSUPPORTED',
      'RUN --mount=type=ssh ls': 'DOCKERFILE_UNSUPPORTED',
      'RUN --mount=type=cache,target=/x,sharing=private ls': 'DOCKERFILE_UNSUPPORTED',
      'RUN --mount=type=tmpfs,target=/x,size=1m ls': 'DOCKERFILE_UNSUPPORTED',
      'RUN --mount=type=constructor ls': 'DOCKERFILE_UNSUPPORTED',
      'RUN --network=none ls': 'DOCKERFILE_UNSUPPORTED',
      'RUN --network=host ls': 'DOCKERFILE_UNSUPPORTED',
      'RUN --security=insecure ls': 'DOCKERFILE_UNSUPPORTED',
      'RUN --device=x ls': 'DOCKERFILE_UNSUPPORTED',
      'CMD --flag x': 'DOCKERFILE_UNSUPPORTED',
      'ONBUILD RUN <<EOF\nEOF': 'DOCKERFILE_UNSUPPORTED',
      'ONBUILD ONBUILD RUN ls': 'DOCKERFILE_INVALID',
      'ONBUILD FROM a:1': 'DOCKERFILE_INVALID',
      'COPY --chown=à--from=mothership/x a b': 'DOCKERFILE_INVALID',
      'WHAT ever': 'DOCKERFILE_INVALID',
      'constructor x': 'DOCKERFILE_INVALID',
      'FROM a:1 as': 'DOCKERFILE_INVALID',
      'FROM a:1 b': 'DOCKERFILE_INVALID',
      'COPY --link --chmod=0755 --chown=a:b --exclude=*.md a b': 'none',
      'RUN --mount=type=cache,target=$HOME/x,id=a,sharing=locked,mode=0755,uid=1 --mount=type=tmpfs,target=/t ls':
        'none',
      'RUN --mount=type=secret,id=a,env=A,required --mount=type=secret,target=/b,mode=0400 ls': 'none',
      'RUN --network=default <<EOF\nFROM mothership/x\nEOF': 'none',
      'HEALTHCHECK --interval=1s --start-interval=1s --retries=3 CMD ls': 'none',
    }))
      it(`${code === 'none' ? 'allows' : 'refuses'} ${JSON.stringify(line)}`, () =>
        expect(codeOf(`FROM a:1\n${line}`)).to.equal(code));

    it('begins with ARG or FROM, and has one', () => {
      for (const text of ['', '# nothing', 'ARG A=1', 'RUN ls\nFROM a:1', 'ENV A=1\nFROM a:1'])
        expect(codeOf(text), text).to.equal('DOCKERFILE_INVALID');
    });
  });
});
