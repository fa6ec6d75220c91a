import { expect } from 'chai';
import { grown, without } from '../../src/cli/parse/machine-count.ts';
import { isMothershipError } from '../../src/errors/index.ts';
import type { PracticeSource, SshSource } from '../../src/provision/index.ts';

const ssh: SshSource = {
  provider: 'ssh',
  managers: 1,
  workers: 2,
  zones: [],
  keys: [],
  hosts: ['root@192.0.2.1', 'ops@192.0.2.2:2222=b', 'root@[2001:db8::1]:22=c'],
};
const local: PracticeSource = { provider: 'local', managers: 1, workers: 1, zones: ['a'] };

describe('machines of a cluster as this computer knows them', () => {
  it('grow by hosts, managers before workers', () => {
    expect(grown(ssh, { host: ['root@192.0.2.9, root@192.0.2.10'], role: 'manager' })).to.deep.include({
      managers: 3,
      workers: 2,
      hosts: ['root@192.0.2.1', 'root@192.0.2.9', 'root@192.0.2.10', 'ops@192.0.2.2:2222=b', 'root@[2001:db8::1]:22=c'],
    });
    expect(grown(ssh, { host: ['root@192.0.2.9'], role: 'worker' })).to.deep.include({
      managers: 1,
      workers: 3,
      hosts: [...ssh.hosts, 'root@192.0.2.9'],
    });
  });

  it('do not grow by a host that an interrupted run has added', () => {
    const once = grown(ssh, { host: ['root@192.0.2.9'], role: 'worker' });
    expect(grown(once, { host: ['root@192.0.2.9'], role: 'worker' })).to.deep.equal(once);
  });

  it('grow by numbers where a provider makes them', () => {
    expect(grown(local, { count: 2, role: 'worker' })).to.deep.equal({ ...local, workers: 3 });
  });

  for (const [what, before, given] of [
    ['hosts without hosts', ssh, { count: 1, role: 'worker' }],
    ['a host among containers', local, { host: ['root@192.0.2.9'], role: 'worker' }],
    ['no number', local, { role: 'worker' }],
  ] as const) {
    it(`do not grow by ${what}`, () =>
      expect(() => grown(before, given))
        .to.throw()
        .that.satisfies((error: unknown) => isMothershipError(error, 'SETUP_OPTION_INVALID')));
  }

  for (const [address, left] of [
    ['192.0.2.2', ['root@192.0.2.1', 'root@[2001:db8::1]:22=c']],
    ['2001:db8::1', ['root@192.0.2.1', 'ops@192.0.2.2:2222=b']],
  ] as const) {
    it(`are one less without ${address}`, () =>
      expect(without(ssh, 'worker', address)).to.deep.equal({ ...ssh, workers: 1, hosts: left }));
  }

  it('are one manager less', () => {
    expect(without({ ...local, managers: 3 }, 'manager', '172.18.0.2')).to.deep.equal({ ...local, managers: 2 });
  });
});
