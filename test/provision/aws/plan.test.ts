import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { isMothershipError } from '../../../src/errors/index.ts';
import { ownCidr } from '../../../src/provision/aws/index.ts';
import { describePlan, planAws } from '../../../src/provision/aws/aws-plan.ts';
import { monthlyPrice } from '../../../src/provision/aws/prices.ts';
import { PERMISSIONS } from '../../../src/provision/aws/api/commands.ts';
import { checkSettings } from '../../../src/provision/aws/aws-settings.ts';
import type { AwsEstate, AwsMachine, AwsOffer, AwsRequest } from '../../../src/provision/aws/aws-types.ts';
import { REQUEST, SETTINGS } from './account.ts';

const NOTHING: AwsEstate = { machines: [], ended: [], addresses: [] };
const image = { id: 'ami-1', rootDevice: '/dev/xvda' };
const OFFER: AwsOffer = {
  region: 'eu-central-1',
  vpc: 'vpc-1',
  zones: ['1a', '1b', '1c'],
  spareZones: [],
  subnets: { '1a': 's-a', '1b': 's-b', '1c': 's-c' },
  images: { 't3.medium': image, 'zz9.large': image },
};
const request = (over: Partial<AwsRequest> = {}): AwsRequest => ({ ...REQUEST, ...SETTINGS, ...over });
const machine = (over: Partial<AwsMachine>): AwsMachine => ({
  id: 'i-1',
  role: 'manager',
  index: 0,
  zone: '1a',
  type: 't3.medium',
  state: 'running',
  launched: 1,
  ...over,
});

describe('the plan of machines on EC2', () => {
  it('says what will be made and what it costs a month', () => {
    const plan = describePlan(planAws({ estate: NOTHING, offer: OFFER }, request({ elasticAddresses: true })));
    expect(plan.map(({ title, cost }) => (cost ? `${title} | ${cost}` : title))).to.deep.equal([
      'Key pair mothership-edge from your SSH key',
      'Security group mothership-edge in vpc-1',
      'Allow 22/tcp from 198.51.100.7/32; 80/tcp, 443/tcp from everywhere; 2377/tcp, 7946/tcp, 7946/udp, 4789/udp, 5000/tcp, ESP from the machines',
      'edge-manager-1: t3.medium in 1a, Debian 13, 40 GB encrypted disk | $42.50 a month',
      'edge-manager-2: t3.medium in 1b, Debian 13, 40 GB encrypted disk | $42.50 a month',
      'edge-manager-3: t3.medium in 1c, Debian 13, 40 GB encrypted disk | $42.50 a month',
      'edge-worker-1: t3.medium in 1a, Debian 13, 40 GB encrypted disk | $42.50 a month',
      'edge-worker-2: t3.medium in 1b, Debian 13, 40 GB encrypted disk | $42.50 a month',
      'Elastic IP for edge-manager-1, replacing its automatic address',
      'Elastic IP for edge-manager-2, replacing its automatic address',
      'Elastic IP for edge-manager-3, replacing its automatic address',
      'Total at on-demand prices as of November 2025, before traffic and tax | about $212.49 a month',
    ]);
  });

  it('says so when a price is not known', () => {
    const plan = describePlan(
      planAws({ estate: NOTHING, offer: OFFER }, request({ managers: 1, workers: 1, workerType: 'zz9.large' })),
    );
    expect(plan.slice(-2).map(({ cost }) => cost)).to.deep.equal([
      'price unknown',
      '$42.50 a month plus AWS charges for the rest',
    ]);
  });

  it('knows prices by region, family and size, with disk and address', () => {
    expect(monthlyPrice('us-east-1', 't3.medium', 0)).to.be.closeTo(0.0416 * 730 + 3.65, 0.001);
    expect(monthlyPrice('us-east-1', 'm7g.xlarge', 100)).to.be.closeTo(0.1632 * 730 + 3.65 + 8, 0.001);
    expect(monthlyPrice('eu-central-1', 't4g.micro', 10)).to.be.closeTo(0.0096 * 730 + 3.65 + 0.952, 0.001);
    for (const [region, type] of [
      ['mars-1', 't3.medium'],
      ['us-east-1', 'p5.48xlarge'],
      ['us-east-1', 't3'],
      ['us-east-1', ''],
    ] as const)
      expect(monthlyPrice(region, type, 10)).to.equal(undefined);
  });

  it('puts a new machine where the fewest of its role are', () => {
    const machines = [
      machine({}),
      machine({ id: 'i-2', index: 1, zone: '1a' }),
      machine({ id: 'i-3', role: 'worker', index: 0, zone: '1b' }),
    ];
    const steps = planAws({ estate: { ...NOTHING, machines }, offer: OFFER }, request());
    expect(
      steps.flatMap((step) => (step.kind === 'machine' ? [`${step.place.role} ${step.place.index} ${step.zone}`] : [])),
    ).to.deep.equal(['manager 2 1c', 'worker 1 1c']);
  });

  it('removes the younger of two machines in one place, never the elder', () => {
    const machines = [machine({ id: 'i-old', launched: 1 }), machine({ id: 'i-young', launched: 2 })];
    const steps = planAws({ estate: { ...NOTHING, machines }, offer: OFFER }, request({ managers: 1, workers: 0 }));
    expect(steps.filter(({ kind }) => kind === 'end')).to.deep.equal([
      { kind: 'end', machine: 'i-young', title: 'Remove i-young, a duplicate of edge-manager-1' },
    ]);
  });

  it('never removes machines beyond those that are wanted', () => {
    const machines = [0, 1, 2].map((index) => machine({ id: `i-${index}`, index }));
    expect(
      planAws({ estate: { ...NOTHING, machines }, offer: OFFER }, request({ managers: 1, workers: 0 })).map(
        ({ kind }) => kind,
      ),
    ).to.deep.equal(['key-pair', 'group', 'open']);
  });
});

describe('settings for EC2', () => {
  const BAD: [string, Partial<AwsRequest>][] = [
    ['managers', { managers: 2 }],
    ['managers', { managers: 0 }],
    ['workers', { workers: -1 }],
    ['disk', { diskGb: 4 }],
    ['disk', { diskGb: 20.5 }],
    ['instance-type', { workerType: 't3 medium; rm' }],
    ['admin-cidr', { adminCidrs: [] }],
    ['admin-cidr', { adminCidrs: ['198.51.100.7'] }],
    ['admin-cidr', { adminCidrs: ['198.51.100.7/24'] }],
    ['admin-cidr', { adminCidrs: ['300.1.1.1/32'] }],
    ['admin-cidr', { adminCidrs: ['10.0.0.0/33'] }],
    ['admin-cidr', { adminCidrs: ['2001:DB8::1/128'] }],
  ];
  for (const [option, over] of BAD) {
    it(`are refused with the option's name: ${JSON.stringify(over)}`, () => {
      expect(() => checkSettings(request(over))).to.throw(`--${option}`);
    });
  }

  it('are taken as EC2 writes them', () => {
    for (const cidr of ['198.51.100.7/32', '198.51.100.0/24', '0.0.0.0/0', '2001:db8::7/128', '2001:db8::/32'])
      expect(checkSettings(request({ adminCidrs: [cidr] })).adminCidrs).to.deep.equal([cidr]);
  });

  it('take no private key, nor a key that EC2 does not import', () => {
    for (const publicKey of [
      '-----BEGIN OPENSSH PRIVATE KEY-----',
      'ecdsa-sha2-nistp256 AAAA',
      'ssh-ed25519',
      'ssh-ed25519 A;B',
      '',
    ]) {
      expect(() => checkSettings(request({ publicKey }))).to.satisfy((check: () => unknown) => {
        try {
          check();
          return false;
        } catch (error) {
          return isMothershipError(error, 'AWS_KEY_INVALID') && !error.message.includes('BEGIN OPENSSH');
        }
      });
    }
  });

  it("find this computer's address, or ask for it", async () => {
    const answer = (text: string) => () => Promise.resolve(new Response(text));
    expect(await ownCidr(answer('198.51.100.7\n'))).to.equal('198.51.100.7/32');
    expect(await ownCidr(answer('2001:db8::7'))).to.equal('2001:db8::7/128');
    for (const fetch of [answer('<html>'), () => Promise.reject(new Error('offline'))]) {
      expect(isMothershipError(await ownCidr(fetch).catch((error: unknown) => error), 'SETUP_OPTION_INVALID')).to.be
        .true;
    }
  });
});

describe('the policy in docs/aws.md', () => {
  it('allows what is called, and nothing else', async () => {
    const text = await readFile(new URL('../../../docs/aws.md', import.meta.url), 'utf8');
    const policy = JSON.parse(/```json\n([\s\S]*?)```/.exec(text)?.[1] ?? '') as { Statement: { Action: string[] }[] };
    expect(policy.Statement.flatMap(({ Action }) => Action)).to.deep.equal(PERMISSIONS);
  });
});
