import { expect } from 'chai';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isMothershipError, type MothershipError } from '../../../src/errors/index.ts';
import type { ErrorCode } from '../../../src/errors/catalogue/index.ts';
import type { Event } from '../../../src/events/index.ts';
import { AwsProvider } from '../../../src/provision/aws/index.ts';
import { connectEc2 } from '../../../src/provision/aws/api/sdk.ts';
import { LocalMachine } from '../../../src/provision/local/local-machine.ts';
import { Ec2Endpoint, type Injection } from '../../lab/ec2/index.ts';
import { FastClock, providerFor, PUBLIC_KEY, REQUEST, SETTINGS, type Parts } from './account.ts';

const at =
  (zone: string) =>
  (query: { at: (path: string) => string | undefined }): boolean =>
    query.at('Placement.AvailabilityZone') === `eu-central-1${zone}`;

async function refusal(work: Promise<unknown>, code: ErrorCode): Promise<MothershipError> {
  const error = await work.then(
    () => undefined,
    (each: unknown) => each,
  );
  if (isMothershipError(error, code)) return error;
  return expect.fail(`wanted ${code}, got ${String(error)}`);
}

describe('what EC2 refuses', function () {
  this.timeout(60_000);
  let endpoint: Ec2Endpoint;
  beforeEach(async () => {
    endpoint = await Ec2Endpoint.start();
  });
  afterEach(() => endpoint.close());

  const create = (parts: Parts = {}, zones: string[] = []): Promise<unknown> =>
    providerFor(endpoint, parts).create({ ...REQUEST, zones });

  it('is asked for again when the account is throttled', async () => {
    endpoint.inject({ code: 'RequestLimitExceeded', times: 6 });
    endpoint.inject({ action: 'RunInstances', code: 'RequestLimitExceeded', times: 3 });
    await create();
    expect(endpoint.inventory().instances).to.have.length(5);
  });

  it('is told as throttling when it does not end', async () => {
    endpoint.inject({ action: 'RunInstances', code: 'RequestLimitExceeded' });
    const error = await refusal(create(), 'AWS_THROTTLED');
    expect(error.message).to.include('RunInstances');
    expect(error.suggestion).to.include('again');
  });

  it('is had from the next zone when one has no capacity', async () => {
    endpoint.inject({ action: 'RunInstances', code: 'InsufficientInstanceCapacity', when: at('a') });
    const told: Event[] = [];
    await create({ notify: (event) => told.push(event) });
    expect(endpoint.world.instances.map(({ zone }) => zone.at(-1)))
      .to.have.length(5)
      .and.not.to.include('a');
    expect(told.filter(({ type }) => type === 'notice')[0]).to.deep.include({
      level: 'warning',
      message: 'eu-central-1a has no t3.medium available for edge-manager-1',
    });
    expect(
      endpoint.calls.filter(({ action, query }) => action === 'RunInstances' && at('a')(query)).length,
    ).to.be.at.most(5);
  });

  it('is told with the zones when none has capacity, and stays within those that were named', async () => {
    endpoint.inject({ action: 'RunInstances', code: 'InsufficientInstanceCapacity' });
    const error = await refusal(create({}, ['a', 'b']), 'AWS_NO_CAPACITY');
    expect(error.message).to.equal(
      'AWS has no t3.medium available for edge-manager-1 in eu-central-1a, eu-central-1b.',
    );
    expect(error.suggestion).to.include('--instance-type');
  });

  const PAGE = '<html><head><title>502 Bad Gateway</title></head><body><hr><center>nginx</center></body></html>';
  for (const [what, injection, words] of [
    ['a page of a proxy', { body: PAGE, status: 502 }, 'AWS answered 502 to {}: the answer is an HTML page.'],
    ['an empty 500', { body: '', status: 500 }, 'AWS answered 500 to {}: the answer is empty.'],
    ['text', { body: 'upstream failed', status: 503 }, 'AWS answered 503 to {}: the answer is an HTML page.'],
    ['a login page', { body: '<html><p>Log in</p></html>' }, 'AWS answered 200 to {}: the answer is an HTML page.'],
    ['nothing at all', { body: '' }, 'AWS answered 200 to {}: the answer is empty.'],
    ['its own failure', { code: 'InternalError' }, 'AWS answered 500 to {}: InternalError was injected.'],
    ['no answer', {}, 'Cannot reach EC2 in the region "eu-central-1": '],
  ] as const)
    it(`is told, and nothing counts as gone, when the answer is ${what}`, async () => {
      await create();
      const before = endpoint.inventory();
      endpoint.inject(injection);
      const error = await refusal(
        providerFor(endpoint).destroy('edge'),
        what === 'no answer' ? 'AWS_UNREACHABLE' : 'AWS_ANSWERED',
      );
      expect(error.message.replace(/Describe\w+ in eu-central-1/, '{}')).to.contain(words);
      expect(error.suggestion).to.contain('AWS_ENDPOINT_URL_EC2');
      expect(endpoint.inventory()).to.deep.equal(before);
    });

  it('is told when an endpoint accepts a request and never answers, or the region is no name', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const config = { endpoint: `http://127.0.0.1:${port}`, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
    const requestHandler = { requestTimeout: 50, throwOnRequestTimeout: true };
    const ec2 = await connectEc2(new FastClock(), { ...config, region: 'eu-west-1', requestHandler });
    try {
      await refusal(ec2.call('DescribeInstances', {}), 'AWS_UNREACHABLE');
      const error = await refusal(
        connectEc2(new FastClock(), { ...config, region: 'not a region' }),
        'SETUP_OPTION_INVALID',
      );
      expect(error.message).to.contain('"not a region"');
    } finally {
      ec2.close();
      silent.closeAllConnections();
      silent.close();
    }
  });

  const EXPLAINED: [string, Injection, ErrorCode, string][] = [
    ['a quota', { action: 'RunInstances', code: 'VcpuLimitExceeded' }, 'AWS_QUOTA', 'Service Quotas'],
    [
      'a quota of addresses',
      { action: 'AllocateAddress', code: 'AddressLimitExceeded' },
      'AWS_QUOTA',
      'AddressLimitExceeded',
    ],
    [
      'a permission',
      { action: 'RunInstances', code: 'UnauthorizedOperation' },
      'AWS_NOT_ALLOWED',
      'arn:aws:iam::111122223333:user/ann is not allowed to call ec2:RunInstances',
    ],
    [
      'the permission to tag',
      {
        action: 'CreateSecurityGroup',
        code: 'UnauthorizedOperation',
        message: 'User: arn:x is not authorized to perform: ec2:CreateTags on resource: y.',
      },
      'AWS_NOT_ALLOWED',
      'arn:x is not allowed to call ec2:CreateTags',
    ],
    ['expired credentials', { code: 'RequestExpired' }, 'AWS_CREDENTIALS_EXPIRED', 'aws sso login'],
    [
      'what nobody foresaw',
      { action: 'CreateSecurityGroup', code: 'Weird', message: 'Never heard of.' },
      'AWS_FAILED',
      'CreateSecurityGroup (Weird): Never heard of.',
    ],
  ];
  for (const [what, injection, code, words] of EXPLAINED) {
    it(`is explained: ${what}`, async () => {
      endpoint.inject(injection);
      const error = await refusal(create({ settings: { elasticAddresses: true } }), code);
      expect(`${error.message} ${error.suggestion}`).to.include(words).and.not.to.include('Encoded');
    });
  }

  it('is explained: credentials that are not known or do not sign rightly', async () => {
    endpoint.account.secretAccessKey = 'another';
    const clock = new FastClock();
    const connect = (accessKeyId: string) =>
      connectEc2(clock, {
        region: 'eu-central-1',
        endpoint: endpoint.url,
        credentials: { accessKeyId, secretAccessKey: 'wrong' },
      });
    for (const id of [endpoint.account.accessKeyId, 'AKIAUNKNOWN']) {
      const provider = new AwsProvider(SETTINGS, { clock, connect: () => connect(id), reach });
      expect((await refusal(provider.list('edge'), 'AWS_CREDENTIALS_REFUSED')).suggestion).to.include(
        'get-caller-identity',
      );
    }
  });

  it('is explained: a region that does not answer', async () => {
    const clock = new FastClock();
    const connect = () =>
      connectEc2(clock, {
        region: 'eu-nowhere-1',
        endpoint: 'http://127.0.0.1:1',
        credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      });
    expect(
      (await refusal(new AwsProvider(SETTINGS, { clock, connect, reach }).list('edge'), 'AWS_UNREACHABLE')).message,
    ).to.include('eu-nowhere-1');
  });

  it('is explained: what the request cannot have', async () => {
    expect((await refusal(create({ settings: { workerType: 't9.mega' } }), 'AWS_TYPE_UNKNOWN')).message).to.include(
      't9.mega',
    );
    expect((await refusal(create({ settings: { vpc: 'vpc-0gone' } }), 'AWS_NO_VPC')).message).to.include('vpc-0gone');
    const zone = await refusal(create({ settings: { managerType: 'm7i.large' } }, ['a']), 'AWS_ZONE_UNUSABLE');
    expect(`${zone.message} ${zone.suggestion}`)
      .to.include('m7i.large')
      .and.to.include('--zone eu-central-1b,eu-central-1c');
    expect((await refusal(create({ settings: { vpc: 'vpc-0own' } }, ['c']), 'AWS_ZONE_UNUSABLE')).message).to.include(
      'has no subnet there',
    );
    endpoint.world.vpcs.shift();
    expect((await refusal(create(), 'AWS_NO_VPC')).suggestion).to.include('create-default-vpc');
    endpoint.world.images.length = 0;
    await refusal(create({ settings: { vpc: 'vpc-0own' } }), 'AWS_NO_IMAGE');
    expect(endpoint.inventory()).to.deep.equal({ instances: [], volumes: [], addresses: [], groups: [], keys: [] });
  });

  it("is explained: another key, another VPC, a name of somebody else's", async () => {
    await create();
    await refusal(create({ settings: { publicKey: PUBLIC_KEY.replace('AAAA', 'BBBB') } }), 'AWS_KEY_DIFFERS');
    expect((await refusal(create({ settings: { vpc: 'vpc-0own' } }), 'SETUP_OPTION_INVALID')).message).to.include(
      'vpc-0default',
    );
    for (const group of endpoint.world.groups) group.tags = {};
    expect((await refusal(create(), 'AWS_NAME_TAKEN')).message).to.include('security group "mothership-edge"');
    for (const key of endpoint.world.keys) key.tags = {};
    expect((await refusal(create(), 'AWS_NAME_TAKEN')).message).to.include('key pair "mothership-edge"');
  });

  it('is explained: a machine that does not start', async () => {
    const broken = await Ec2Endpoint.start({
      backend: { start: () => Promise.reject(new Error("the disk's key is disabled")), stop: () => Promise.resolve() },
    });
    try {
      const error = await refusal(providerFor(broken).create(REQUEST), 'AWS_MACHINE_FAILED');
      expect(error.message).to.include('edge-manager-1').and.to.include('key is disabled');
    } finally {
      await broken.close();
    }
  });
});

const reach = (address: string) => ({ machine: new LocalMachine(), engine: { host: address, port: 2375 } });

describe('where credentials, region and endpoint come from', function () {
  this.timeout(60_000);
  const names = [
    'AWS_ENDPOINT_URL_EC2',
    'AWS_REGION',
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_PROFILE',
    'AWS_CONFIG_FILE',
    'AWS_SHARED_CREDENTIALS_FILE',
    'AWS_EC2_METADATA_DISABLED',
  ];
  const kept = names.map((name) => process.env[name]);
  let endpoint: Ec2Endpoint;
  before(async () => {
    endpoint = await Ec2Endpoint.start({ region: 'eu-west-1' });
  });
  beforeEach(() => {
    for (const name of names) delete process.env[name];
    Object.assign(process.env, {
      AWS_CONFIG_FILE: '/nonexistent',
      AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
      AWS_EC2_METADATA_DISABLED: 'true',
    });
  });
  after(async () => {
    names.forEach((name, index) => {
      if (kept[index] === undefined) delete process.env[name];
      else process.env[name] = kept[index];
    });
    await endpoint.close();
  });

  it("is the SDK's own chain", async () => {
    Object.assign(process.env, endpoint.env);
    const provider = new AwsProvider(SETTINGS, { clock: new FastClock(), reach });
    expect(await provider.create({ ...REQUEST, managers: 1, workers: 0 })).to.have.length(1);
    expect(await provider.region()).to.equal('eu-west-1');
    await provider.close();
  });

  it('is told when there is no region, and when there are no credentials', async () => {
    await refusal(new AwsProvider(SETTINGS, { reach }).list('edge'), 'AWS_NO_REGION');
    const error = await refusal(
      new AwsProvider(SETTINGS, { region: 'eu-west-1', reach }).list('edge'),
      'AWS_NO_CREDENTIALS',
    );
    expect(error.suggestion).to.include('aws configure');
  });
});
