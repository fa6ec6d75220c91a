import { KIND } from '#labels.ts';
import { newContainerName } from '#ownership.ts';
import type { Containers, Secrets } from '#engine';
import { fail } from '#errors';
import { readContainerFile } from '../images/container-file.ts';
import { labelsOf } from '../names.ts';

const DAYS = 3650;
const FILES = { cert: '/tmp/cert.pem', key: '/tmp/key.pem' };

/** A self-signed certificate for a domain and all names under it, as PEM. */
export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** The arguments by which openssl writes a self-signed certificate and its key to files. */
export function certificateArgs(domain: string, files: { readonly cert: string; readonly key: string }): string[] {
  return [
    ...['req', '-x509', '-nodes'],
    ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
    ...['-days', String(DAYS)],
    ...['-subj', `/O=Mothership/CN=${domain.slice(0, 64)}`],
    ...['-addext', `subjectAltName=DNS:${domain},DNS:*.${domain}`],
    ...['-keyout', files.key, '-out', files.cert],
  ];
}

/** Created with openssl in a container of the router's image, so that the machine does not need it. */
export async function makeCertificate(
  engine: Containers & Secrets,
  cluster: string,
  image: string,
  domain: string,
): Promise<Certificate> {
  const id = await engine.createContainer({
    name: newContainerName(KIND.probe),
    image,
    labels: labelsOf(cluster, KIND.probe),
    entrypoint: ['openssl'],
    command: certificateArgs(domain, FILES),
    env: {},
    networks: [{ id: 'none' }],
  });
  try {
    await engine.startContainer(id);
    const code = await engine.waitContainer(id);
    if (code !== 0) throw fail('SETUP_CERTIFICATE_FAILED', { why: `openssl ended with exit code ${code}` });
    return {
      cert: await readContainerFile(engine, id, FILES.cert),
      key: await readContainerFile(engine, id, FILES.key),
    };
  } finally {
    await engine.removeContainer(id);
  }
}
