import { expect } from 'chai';
import { firewallScript, hostsBlock, withHostsBlock } from '../../src/nodes/index.ts';

describe("a node's firewall", () => {
  it('trusts the machine itself and every peer once, before it drops anything', () => {
    const lines = firewallScript(['10.0.0.2', '10.0.0.1', '10.0.0.2', 'fd00::1'])
      .split('\n')
      .filter((line) => line.startsWith('-A MOTHERSHIP '));
    const [four, six] = [lines.slice(0, 8), lines.slice(8)];
    expect(four.slice(0, 3)).to.deep.equal([
      '-A MOTHERSHIP -i lo -j RETURN',
      '-A MOTHERSHIP -s 10.0.0.1 -j RETURN',
      '-A MOTHERSHIP -s 10.0.0.2 -j RETURN',
    ]);
    expect(four.slice(3).map((line) => /-p (\w+) --dport (\d+)/.exec(line)!.slice(1).join(' '))).to.deep.equal([
      'tcp 2377',
      'tcp 7946',
      'udp 7946',
      'udp 4789',
      'tcp 5000',
    ]);
    expect(six.slice(0, 2)).to.deep.equal(['-A MOTHERSHIP -i lo -j RETURN', '-A MOTHERSHIP -s fd00::1 -j RETURN']);
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
