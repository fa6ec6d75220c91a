import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect } from 'chai';
import { checkAddresses, dnsResolve, isPublicAddress } from '../../src/registry/allowed/addresses.ts';
import { registryOf } from '../../src/registry/allowed/image-name.ts';
import { isMothershipError } from '../../src/errors/index.ts';

describe('addresses of registries and servers', () => {
  it('are public or not', () => {
    for (const address of ['8.8.8.8', '1.1.1.1', '172.15.0.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111'])
      expect(isPublicAddress(address), address).to.equal(true);
    for (const address of [
      ...['127.0.0.1', '10.0.0.1', '172.31.255.255', '192.168.0.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
      ...['224.0.0.1', '255.255.255.255', '::1', '::', 'fd00:ec2::254', 'fe80::1%eth0', 'ff02::1', '::ffff:8.8.8.8'],
      ...['64:ff9b::7f00:1', '2002:7f00:1::', '2001:0:1::', 'example.com', ''],
    ])
      expect(isPublicAddress(address), address).to.equal(false);
  });

  it('are those that a name has when it is looked up', async () => {
    const known: Record<string, string[]> = {
      'public.example.com': ['8.8.8.8', '2606:4700::1111'],
      'mixed.example.com': ['8.8.8.8', '169.254.169.254'],
      '10.0.0.1': ['10.0.0.1'],
    };
    const resolve = (host: string): Promise<string[]> =>
      known[host] ? Promise.resolve(known[host]) : Promise.reject(new Error('ENOTFOUND'));
    const check = (host: string): Promise<string> =>
      checkAddresses([{ host, where: 'line 3 of the Dockerfile' }], resolve).then(
        () => 'fine',
        (error: unknown) => (isMothershipError(error) ? error.message : String(error)),
      );
    expect(await check('public.example.com:443')).to.equal('fine');
    expect(await check('nowhere.invalid')).to.equal('fine');
    expect(await check('mixed.example.com:5000')).to.equal(
      'Cannot fetch from mixed.example.com:5000 (line 3 of the Dockerfile): its address 169.254.169.254 is not on the ' +
        'public internet.',
    );
    expect(await check('0xa.1:80')).to.include('its address 10.0.0.1 is not');
  });

  it('are given up together if no server tells them', async () => {
    const silent = createSocket('udp4').bind(0, '127.0.0.1');
    await once(silent, 'listening');
    const servers = [`127.0.0.1:${silent.address().port}`];
    const started = performance.now();
    try {
      const hosts = Array.from({ length: 100 }, (_, n) => ({ host: `r${n}.example.com`, where: 'line 1' }));
      await checkAddresses(hosts, dnsResolve({ timeout: 300, tries: 1, servers }));
    } finally {
      silent.close();
    }
    expect(performance.now() - started).to.be.below(3_000);
  });

  it('belong to the registry that an image names', () => {
    expect(
      ['nginx', 'a/b:1', 'docker.io/a', 'index.docker.io/a/b', 'GHCR.io/a/b', 'localhost/a', 'r:5000/a@sha256:1'].map(
        registryOf,
      ),
    ).to.deep.equal(['docker.io', 'docker.io', 'docker.io', 'docker.io', 'ghcr.io', 'localhost', 'r:5000']);
  });
});
