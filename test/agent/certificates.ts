import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface KeyPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface Authority {
  readonly ca: Buffer;
  issue(commonName: string, alternative?: string): KeyPair;
  remove(): void;
}

/** A certificate authority in a folder of its own, made by openssl. */
export function authority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'authority-'));
  const openssl = (...args: string[]): Buffer =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-days',
    '2',
    '-subj',
    '/CN=Test cluster',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-addext',
    'keyUsage=critical,keyCertSign,cRLSign',
  );
  const read = (name: string): Buffer => readFileSync(join(folder, name));
  let issued = 0;
  return {
    ca: read('ca.pem'),
    issue(commonName, alternative = commonName) {
      const name = `leaf-${++issued}`;
      openssl(
        'req',
        ...newKey,
        '-subj',
        `/O=Mothership/CN=${commonName}`,
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
      );
      writeFileSync(join(folder, `${name}.ext`), `subjectAltName=DNS:${alternative}\n`);
      openssl(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-days',
        '2',
        '-extfile',
        `${name}.ext`,
        '-out',
        `${name}.pem`,
      );
      return { cert: read(`${name}.pem`), key: read(`${name}.key`) };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
