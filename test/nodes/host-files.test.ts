import { expect } from 'chai';
import { firewallScript, hostsBlock, withHostsBlock } from '../../src/nodes/index.ts';

describe("a node's firewall", () => {
  it('trusts the machine itself and every peer once, before it drops anything', () => {
    const lines = firewallScript(['10.0.0.2', '10.0.0.1', '10.0.0.2', 'fd00::1'])
      .split('\n')
      .filter((line) => line.startsWith('-A MOTHERSHIP '));
    const [four, six] = [lines.slice(0, 11), lines.slice(11)];
    const start = [
      '-A MOTHERSHIP -i lo -j RETURN',
      '-A MOTHERSHIP -i docker_gwbridge -j MOTHERSHIP-CONTAINERS',
      '-A MOTHERSHIP -i ms-builds -j MOTHERSHIP-CONTAINERS',
      '-A MOTHERSHIP -i docker0 -j MOTHERSHIP-CONTAINERS',
    ];
    expect(four.slice(0, 6)).to.deep.equal([
      ...start,
      '-A MOTHERSHIP -s 10.0.0.1 -j RETURN',
      '-A MOTHERSHIP -s 10.0.0.2 -j RETURN',
    ]);
    expect(four.slice(6).map((line) => /-p (\w+) --dport (\d+)/.exec(line)!.slice(1).join(' '))).to.deep.equal([
      'tcp 2377',
      'tcp 7946',
      'udp 7946',
      'udp 4789',
      'tcp 5000',
    ]);
    expect(six.slice(0, 5)).to.deep.equal([...start, '-A MOTHERSHIP -s fd00::1 -j RETURN']);
  });

  it('closes the ports of every node and the metadata services to containers, which may still use SSH elsewhere', () => {
    const [four = [], six = []] = firewallScript(['10.0.0.2', '10.0.0.1'])
      .split('COMMIT')
      .map((text) => text.split('\n').filter((line) => line.startsWith('-A MOTHERSHIP-CONTAINERS ')));
    expect(four.slice(-6)).to.deep.equal(
      ['-m addrtype --dst-type LOCAL', '-d 10.0.0.1', '-d 10.0.0.2'].flatMap((where) => [
        `-A MOTHERSHIP-CONTAINERS -p tcp -m multiport --dports \${ssh}22,2377,7946,2375,2376,5000 ${where} -j DROP`,
        `-A MOTHERSHIP-CONTAINERS -p udp -m multiport --dports 7946,4789 ${where} -j DROP`,
      ]),
    );
    const dropped = (lines: readonly string[]): string[] =>
      lines.flatMap((line) => /CONTAINERS -d (\S+) -j DROP$/.exec(line)?.[1] ?? []);
    expect(dropped(four)).to.deep.equal(['169.254.0.0/16', '168.63.129.16', '100.100.100.200']);
    expect(dropped(six)).to.deep.equal(['fd00:ec2::254']);
  });

  it('takes nothing for an address that is none', () => {
    expect(firewallScript(['10.0.0.1; reboot', '$(reboot)', '0.0.0.0/0', 'RULES\nreboot'])).to.equal(
      firewallScript([]),
    );
  });
});

describe("a node's own names", () => {
  const entries = [{ address: '10.0.0.1', name: 'registry.test' }];

  it('come between two lines, and everything else stays', () => {
    const text = '127.0.0.1 localhost';
    const once = withHostsBlock(text, entries);
    expect(once).to.equal('127.0.0.1 localhost\n# BEGIN mothership\n10.0.0.1 registry.test\n# END mothership\n');
    expect(withHostsBlock(`${once}10.9.9.9 mine\n`, [])).to.equal('127.0.0.1 localhost\n10.9.9.9 mine\n');
    expect(withHostsBlock(once, entries)).to.equal(once);
    expect(hostsBlock(once)).to.deep.equal(entries);
    expect(hostsBlock(text)).to.deep.equal([]);
  });

  it('replace those of before, and a block that was cut off', () => {
    const before = withHostsBlock('', [{ address: '10.0.0.9', name: 'registry.test' }]);
    expect(withHostsBlock(before, entries)).to.equal(withHostsBlock('', entries));
    expect(withHostsBlock('a\n# BEGIN mothership\nb\n', [])).to.equal('a\nb\n');
  });
});
