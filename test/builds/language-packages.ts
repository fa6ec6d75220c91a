import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import type { Shelf } from './package-index.ts';
import { zip, type Files } from './zip.ts';

export function sha256(content: Buffer | string, encoding: 'hex' | 'base64' = 'hex'): string {
  return createHash('sha256').update(content).digest(encoding);
}

/** The package `greeting` of each language says hello. */
export const GREETING = 'hello from a package';

/** A wheel, and the page of a simple index (PEP 503) that leads to it. */
export function wheel(name: string, version: string, files: Files): Shelf {
  const info = `${name}-${version}.dist-info`;
  const all: Files = {
    ...files,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  };
  const record = [...Object.keys(all), `${info}/RECORD`].map((path) => `${path},,\n`).join('');
  const content = zip({ ...all, [`${info}/RECORD`]: record });
  const file = `${name}-${version}-py3-none-any.whl`;
  return {
    [`/simple/${name}/`]: `<a href="/wheels/${file}#sha256=${sha256(content)}">${file}</a>\n`,
    [`/wheels/${file}`]: content,
  };
}

async function tar(files: Files): Promise<Buffer> {
  const out = pack();
  for (const [name, content] of Object.entries(files)) out.entry({ name, mtime: new Date(0) }, Buffer.from(content));
  out.finalize();
  return buffer(out);
}

/** A gem, and the compact index of a gem server that has nothing else. */
export async function gem(name: string, version: string, files: Files): Promise<Shelf> {
  const metadata = [
    '--- !ruby/object:Gem::Specification',
    `name: ${name}`,
    'version: !ruby/object:Gem::Version',
    `  version: ${version}`,
    'platform: ruby',
    'authors: [test]',
    'summary: says hello',
    'files:',
    ...Object.keys(files).map((path) => `- ${path}`),
    'require_paths: [lib]',
    'specification_version: 4',
    '',
  ].join('\n');
  const content = await tar({ 'metadata.gz': gzipSync(metadata), 'data.tar.gz': gzipSync(await tar(files)) });
  const info = `---\n${version} |checksum:${sha256(content)}\n`;
  return {
    [`/gems/${name}-${version}.gem`]: content,
    [`/info/${name}`]: info,
    '/versions': `created_at: 2026-01-01T00:00:00Z\n---\n${name} ${version} ${createHash('md5').update(info).digest('hex')}\n`,
    '/names': `---\n${name}\n`,
  };
}

/** A Go module's digest: of the list of digests of its files. */
function moduleDigest(files: Files): string {
  const lines = Object.entries(files)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, content]) => `${sha256(Buffer.from(content))}  ${path}\n`);
  return `h1:${sha256(lines.join(''), 'base64')}`;
}

/** A module on a Go proxy below `/go`, and the lines of go.sum that vouch for it. */
export function goModule(path: string, version: string, files: Files): { shelf: Shelf; sum: string } {
  const mod = `module ${path}\n\ngo 1.21\n`;
  const all = Object.fromEntries(
    Object.entries({ 'go.mod': mod, ...files }).map(([name, content]) => [`${path}@${version}/${name}`, content]),
  );
  const at = `/go/${path}/@v`;
  return {
    shelf: {
      [`${at}/list`]: `${version}\n`,
      [`${at}/${version}.info`]: JSON.stringify({ Version: version, Time: '2026-01-01T00:00:00Z' }),
      [`${at}/${version}.mod`]: mod,
      [`${at}/${version}.zip`]: zip(all),
    },
    sum: `${path} ${version} ${moduleDigest(all)}\n${path} ${version}/go.mod ${moduleDigest({ 'go.mod': mod })}\n`,
  };
}

/** A package of a Composer repository below `/composer` that has nothing else. */
export function composerPackage(name: string, version: string, files: Files): Shelf {
  const manifest = { name, version, autoload: { 'psr-4': { 'Greeting\\': 'src/' } } };
  const content = zip({
    'greeting/composer.json': JSON.stringify(manifest),
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`greeting/${path}`, text])),
  });
  const file = `/composer/dist/${version}.zip`;
  return {
    '/composer/packages.json': (url) =>
      JSON.stringify({
        packages: {
          [name]: {
            [version]: {
              ...manifest,
              dist: { type: 'zip', url: `${url}${file}`, shasum: createHash('sha1').update(content).digest('hex') },
            },
          },
        },
      }),
    [file]: content,
  };
}
