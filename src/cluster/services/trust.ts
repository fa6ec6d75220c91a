import { KIND } from '#labels.ts';
import { newContainerName } from '#ownership.ts';
import type { Containers } from '#engine';
import { fail } from '#errors';
import { readContainerFile } from '../images/container-file.ts';
import { labelsOf, trust } from '../names.ts';

/** A cluster's own certificates and keys as PEM, and the registry's password with its bcrypt hash. */
export type TrustFiles = Readonly<Record<(typeof FILES)[number], Buffer>>;

const FILES = [
  'ca.pem',
  'ca.key',
  'agent.pem',
  'agent.key',
  'controller.pem',
  'controller.key',
  'registry.pem',
  'registry.key',
  'password',
  'htpasswd',
] as const;

/** Constant, so that no name can become part of a program. */
const SCRIPT = `set -eu
cd /tmp
key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
openssl req -x509 $key -days 3650 -subj "/O=Mothership/CN=Mothership cluster" -keyout ca.key -out ca.pem \\
  -addext keyUsage=critical,keyCertSign,cRLSign
leaf() {
  openssl req $key -subj "/O=Mothership/CN=$1" -keyout "$1.key" -out "$1.csr"
  printf 'subjectAltName=DNS:%s\\nextendedKeyUsage=%s\\nbasicConstraints=critical,CA:FALSE\\n' "$2" "$3" > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile "$1.ext" -out "$1.pem"
}
leaf agent ${trust.agentHost} serverAuth
leaf registry ${trust.registryHost} serverAuth
leaf controller controller.mothership.internal clientAuth
openssl rand -hex 24 | tr -d '\\n' > password
salt=$(openssl rand -base64 32 | tr -dc 'a-zA-Z0-9' | cut -c1-22)
hash=$(perl -e 'print crypt($ARGV[0], "\\$2y\\$10\\$$ARGV[1]")' "$(cat password)" "$salt")
printf '%s\\n' "${trust.registryUser}:$hash" > htpasswd
`;

/** Created with openssl in a container of the router's image without a network. Throws SETUP_CERTIFICATE_FAILED. */
export async function makeTrust(engine: Containers, cluster: string, image: string): Promise<TrustFiles> {
  const id = await engine.createContainer({
    name: newContainerName(KIND.probe),
    image,
    labels: labelsOf(cluster, KIND.probe),
    entrypoint: ['/bin/sh', '-c'],
    command: [SCRIPT],
    env: {},
    networks: [{ id: 'none' }],
  });
  try {
    await engine.startContainer(id);
    const code = await engine.waitContainer(id);
    if (code !== 0)
      throw fail('SETUP_CERTIFICATE_FAILED', {
        why: `creating the cluster's certificates ended with exit code ${code}`,
      });
    const files = await Promise.all(
      FILES.map(async (name) => [name, await readContainerFile(engine, id, `/tmp/${name}`)] as const),
    );
    return Object.fromEntries(files) as TrustFiles;
  } finally {
    await engine.removeContainer(id);
  }
}
