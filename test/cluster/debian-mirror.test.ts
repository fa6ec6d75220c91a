import { expect } from 'chai';
import { DebianMirror } from '../../src/cluster/images/debian-mirror.ts';
import { defaultInterface } from '../../src/provision/local/default-route.ts';
import { FakeMachine } from './world.ts';

const sources = (files: Record<string, string>, given?: string): Promise<string[]> => {
  const machine = new FakeMachine();
  machine.files = files;
  machine.listFolder = () =>
    Promise.resolve(
      Object.keys(files)
        .filter((file) => file.startsWith('/etc/apt/sources.list.d/'))
        .map((file) => file.slice('/etc/apt/sources.list.d/'.length)),
    );
  return new DebianMirror(machine).sources('trixie', given);
};
const DEBIAN_12 = 'PRETTY_NAME="Debian"\nID=debian\nVERSION_CODENAME=bookworm\n';

describe('the mirror that the base is bootstrapped from', () => {
  it("is the machine's own, in stanzas", async () => {
    const text =
      'Types: deb\nURIs: http://a.test/debian\nSuites: bookworm bookworm-updates\nComponents: main\n\nTypes: deb\nURIs: http://a.test/security\nSuites: bookworm-security\n\nEnabled: no\nTypes: deb\nURIs: http://off.test\nSuites: bookworm\n';
    expect(
      await sources({ '/etc/os-release': DEBIAN_12, '/etc/apt/sources.list.d/debian.sources': text }),
    ).to.deep.equal([
      'deb http://a.test/debian trixie main',
      'deb http://a.test/debian trixie-updates main',
      'deb http://a.test/security trixie-security main',
    ]);
  });

  it("is the machine's own, in lines, and through a mirror file", async () => {
    const list =
      '# deb http://no.test bookworm main\ndeb [signed-by=/k.gpg] mirror+file:/etc/apt/mirrors.list bookworm main\ndeb http://s.test/debian-security bookworm-security main\n';
    const files = {
      '/etc/os-release': DEBIAN_12,
      '/etc/apt/sources.list': list,
      '/etc/apt/mirrors.list': 'http://cloud.test/debian\n',
    };
    expect((await sources(files)).map((line) => line.split(' ')[1])).to.deep.equal([
      'http://cloud.test/debian',
      'http://cloud.test/debian',
      'http://s.test/debian-security',
    ]);
  });

  it('is left to the bootstrapper where the machine is not Debian', async () => {
    const files = {
      '/etc/os-release': 'ID=ubuntu\nVERSION_CODENAME=noble\n',
      '/etc/apt/sources.list': 'deb http://ubuntu.test noble main\n',
    };
    expect(await sources(files)).to.deep.equal([]);
  });

  it('is the one given, and nothing else', async () => {
    expect(await sources({ '/etc/os-release': DEBIAN_12 }, 'http://inside.test/debian')).to.deep.equal([
      'deb http://inside.test/debian trixie main',
    ]);
  });
});

describe('the default route', () => {
  it('is the one with the lowest metric', () => {
    const text = [
      'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT',
      'wlan0\t00000000\t0100A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0',
      'eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0',
      'eth1\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0',
    ].join('\n');
    expect(defaultInterface(text)).to.equal('eth0');
    expect(defaultInterface('')).to.equal(undefined);
  });
});
