import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Token } from '../../src/api/index.ts';
import { cluster } from '../fixtures/cluster-fixture.ts';
import type { Cluster } from '../fixtures/cluster.ts';

describe('tokens', function () {
  this.timeout(60_000);
  let mothership: Cluster;
  let url: string;
  let made: Token & { value: string };
  let home: string;

  const codeOf = (stderr: string): string => (JSON.parse(stderr.trim().split('\n').at(-1)!) as { code: string }).code;

  before(async function () {
    this.timeout(180_000);
    mothership = await cluster();
    url = 'http://mothership.localhost';
    home = join(mothership.home, 'ann');
    await mkdir(home, { recursive: true });
    made = await mothership.json(['tokens:create', 'ann@example.com', '--description', 'end to end']);
  });

  it('let a member log in on another machine', async () => {
    const env = { XDG_CONFIG_HOME: home };
    await mothership.ok(['login', url, '--address', mothership.node.ip, '--token-stdin'], {
      env,
      stdin: `${made.value}\n`,
    });
    expect(await mothership.json(['whoami'], { env })).to.include({ user: 'ann@example.com', role: 'member' });
    await mothership.ok(['apps'], { env });
  });

  it('do not let a member make tokens', async () => {
    const { code, stderr } = await mothership.mothership(['tokens:create', 'eve', '--json'], {
      env: { XDG_CONFIG_HOME: home },
    });
    expect(code).to.equal(1);
    expect(codeOf(stderr)).to.equal('FORBIDDEN');
  });

  it('are listed without their values', async () => {
    const listed = await mothership.ok(['tokens', '--json']);
    expect(JSON.parse(listed)).to.deep.include.members([
      {
        id: made.id,
        user: 'ann@example.com',
        role: 'member',
        app: null,
        description: 'end to end',
        createdAt: made.createdAt,
      },
    ]);
    expect(listed).to.not.contain(made.value.slice(-20));
  });

  it('stop working at once when they are revoked', async () => {
    await mothership.ok(['tokens:revoke', made.id]);
    const { code, stderr } = await mothership.mothership(['apps', '--json'], { env: { XDG_CONFIG_HOME: home } });
    expect(code).to.equal(1);
    expect(codeOf(stderr)).to.equal('UNAUTHENTICATED');
  });

  for (const [what, change] of Object.entries({
    'with another last character': (value: string) => value.slice(0, -1) + (value.endsWith('A') ? 'B' : 'A'),
    'that is not one': () => 'Bearer',
    'of another cluster': () => `ms_0123456789ab_${'x'.repeat(43)}`,
  })) {
    it(`are refused: one ${what}`, async () => {
      const { code, stderr } = await mothership.mothership(['whoami', '--json'], {
        env: { MOTHERSHIP_TOKEN: change(await mothership.token()) },
      });
      expect(code).to.equal(1);
      expect(codeOf(stderr)).to.equal('UNAUTHENTICATED');
    });
  }
});
