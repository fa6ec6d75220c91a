import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import type { BuildWorld } from './build-world.ts';
import type { Shelf } from './package-index.ts';
import { zip } from './zip.ts';

/** Debian keeps its Java libraries as a Maven repository too. As the buildpacks do, unpacked and not installed. */
const UNPACK = `set -e
cache_dir=/tmp env_dir=/tmp here=/tmp
. /mothership/buildpacks/lib/buildpack.sh
. /mothership/buildpacks/lib/debian.sh
choose_packages libmaven-compiler-plugin-java
unpack_packages /tmp/packages
cp -rL /tmp/packages/usr/share/maven-repo /tmp/maven`;

/** A library of Debian's asks for a list of versions that it does not use. */
const BOM = 'org/junit/junit-bom/debian/junit-bom-debian.pom';

function pom(group: string, artifact: string, version: string, packaging = 'jar'): string {
  return `<project><modelVersion>4.0.0</modelVersion><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version><packaging>${packaging}</packaging></project>`;
}

/** A repository below `/maven` with the compiler's plugin, and the library `com.example:greeting:1.0.0`. */
export async function mavenRepository(world: BuildWorld): Promise<Shelf> {
  const files: Record<string, Buffer> = {
    [BOM]: Buffer.from(pom('org.junit', 'junit-bom', 'debian', 'pom')),
    'com/example/greeting/1.0.0/greeting-1.0.0.pom': Buffer.from(pom('com.example', 'greeting', '1.0.0')),
    'com/example/greeting/1.0.0/greeting-1.0.0.jar': zip({ 'greeting.txt': 'hello from a package' }),
    ...(await debianFiles(world)),
  };
  return Object.fromEntries(
    Object.entries(files).flatMap(([path, content]) => [
      [`/maven/${path}`, content],
      [`/maven/${path}.sha1`, createHash('sha1').update(content).digest('hex')],
    ]),
  );
}

async function debianFiles({ engine, stack }: BuildWorld): Promise<Record<string, Buffer>> {
  const id = await engine.createContainer({
    image: stack.buildImage,
    labels: {},
    env: {},
    networks: [{ id: 'bridge' }],
    entrypoint: ['/bin/bash', '-c', UNPACK],
  });
  try {
    await engine.startContainer(id);
    await engine.waitContainer(id);
    const reading = (await engine.getArchive(id, '/tmp/maven')).pipe(extract());
    const files: Record<string, Buffer> = {};
    for await (const entry of reading) {
      if (entry.header.type === 'file') files[entry.header.name.replace(/^maven\//, '')] = await buffer(entry);
      else entry.resume();
    }
    return files;
  } finally {
    await engine.removeContainer(id);
  }
}
