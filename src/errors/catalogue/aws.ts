import { failure, usage } from '../entry.ts';

const AGAIN = 'Then run the command again; it continues from here and creates nothing twice.';

export const aws = {
  AWS_NO_REGION: usage<Record<never, never>>(
    'No AWS region is set.',
    'Use --region, for example --region eu-central-1, or set AWS_REGION.',
  ),
  AWS_NO_CREDENTIALS: failure<Record<never, never>>(
    401,
    'user',
    'Cannot find AWS credentials.',
    'Log in with `aws configure` or `aws sso login`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID ' +
      'and AWS_SECRET_ACCESS_KEY.',
  ),
  AWS_CREDENTIALS_EXPIRED: failure<{ why: string }>(
    401,
    'user',
    (p) => `The AWS credentials have expired: ${p.why}.`,
    `Renew them (\`aws sso login\`) and check that this computer's clock is correct. ${AGAIN}`,
  ),
  AWS_CREDENTIALS_REFUSED: failure<{ region: string; why: string }>(
    401,
    'user',
    (p) => `AWS rejected the credentials in ${p.region}: ${p.why}.`,
    (p) =>
      `Check AWS_PROFILE or AWS_ACCESS_KEY_ID with \`aws sts get-caller-identity\`, and check ` +
      `that the region ${p.region} is enabled for the account.`,
  ),
  AWS_NOT_ALLOWED: failure<{ action: string; who: string }>(
    403,
    'user',
    (p) => `${p.who ? `The AWS identity ${p.who}` : 'This AWS identity'} is not allowed to call ec2:${p.action}.`,
    (p) => `Attach a policy that allows ec2:${p.action}, or use another identity with AWS_PROFILE. ${AGAIN}`,
  ),
  AWS_THROTTLED: failure<{ action: string; region: string }>(
    503,
    'platform',
    (p) => `AWS throttled ${p.action} in ${p.region}: the account is making too many requests.`,
    `Wait a minute; other programs may be using up the account's request rate. ${AGAIN}`,
  ),
  AWS_UNREACHABLE: failure<{ region: string; why: string }>(
    502,
    'user',
    (p) => `Cannot reach EC2 in the region "${p.region}": ${p.why}.`,
    "Check the region's name, the network and its proxy, and AWS_ENDPOINT_URL_EC2 if it is set.",
  ),
  AWS_ANSWERED: failure<{ status: number; action: string; region: string; why: string }>(
    502,
    'platform',
    (p) => `AWS answered ${p.status} to ${p.action} in ${p.region}: ${p.why}.`,
    (p) =>
      (p.status >= 500
        ? 'Wait a few minutes and check https://health.aws.amazon.com. '
        : 'A proxy may have answered instead of EC2. ') +
      `Check the network's proxy, and AWS_ENDPOINT_URL_EC2 if it is set. ${AGAIN}`,
  ),
  AWS_QUOTA: failure<{ region: string; quota: string; why: string }>(
    409,
    'user',
    (p) => `The AWS account reached a quota in ${p.region} (${p.quota}): ${p.why}.`,
    (p) =>
      'Request an increase in the console under Service Quotas > Amazon EC2 (for ' +
      `VcpuLimitExceeded "Running On-Demand Standard instances", in ${p.region}), or use fewer ` +
      `or smaller machines. ${AGAIN}`,
  ),
  AWS_NO_CAPACITY: failure<{ machine: string; type: string; zones: readonly string[] }>(
    503,
    'platform',
    (p) => `AWS has no ${p.type} available for ${p.machine} in ${p.zones.join(', ')}.`,
    `Try again later, or choose other zones with --zone or another --instance-type. ${AGAIN}`,
  ),
  AWS_TYPE_UNKNOWN: usage<{ type: string; region: string }>(
    (p) => `The instance type "${p.type}" is not available in ${p.region}.`,
    'Choose one with --instance-type, for example t3.medium or t4g.medium.',
  ),
  AWS_ZONE_UNUSABLE: usage<{ zone: string; why: string; zones: readonly string[] }>(
    (p) => `The zone "${p.zone}" cannot be used: ${p.why}.`,
    (p) =>
      p.zones.length > 0
        ? `Use --zone ${p.zones.join(',')}.`
        : 'Choose another VPC with --vpc, or another --instance-type.',
  ),
  AWS_NO_VPC: failure<{ region: string; vpc?: string }>(
    404,
    'user',
    (p) => (p.vpc ? `Cannot find the VPC ${p.vpc} in ${p.region}.` : `The region ${p.region} has no default VPC.`),
    'Specify one with --vpc, or create the default VPC with `aws ec2 create-default-vpc`.',
  ),
  AWS_NO_IMAGE: failure<{ region: string; architecture: string }>(
    404,
    'platform',
    (p) => `Cannot find a Debian image for ${p.architecture} in ${p.region}.`,
    'Choose another region, or an --instance-type with another architecture.',
  ),
  AWS_KEY_INVALID: usage<{ why: string }>(
    (p) => `The SSH key cannot be used: ${p.why}.`,
    'Use a public key of type ed25519 or RSA with --ssh-key; create one with `ssh-keygen -t ed25519`.',
  ),
  AWS_KEY_DIFFERS: failure<{ cluster: string; key: string }>(
    409,
    'user',
    (p) => `The machines of "${p.cluster}" were created with another SSH key (key pair ${p.key}).`,
    'Use the key that the cluster was set up with: --ssh-key.',
  ),
  AWS_NAME_TAKEN: failure<{ kind: string; name: string }>(
    409,
    'user',
    (p) => `The account already has a ${p.kind} "${p.name}" that Mothership did not create.`,
    'Choose another --name for the cluster, or remove the existing one.',
  ),
  AWS_MACHINE_FAILED: failure<{ machine: string; state: string; why: string }>(
    502,
    'platform',
    (p) => `The machine ${p.machine} failed to start: it is ${p.state}${p.why ? ` (${p.why})` : ''}.`,
    `Inspect it in the EC2 console. ${AGAIN}`,
  ),
  AWS_UNSETTLED: failure<{ waiting: string }>(
    504,
    'platform',
    (p) => `Timed out waiting for AWS: ${p.waiting}.`,
    `Wait a minute. ${AGAIN}`,
  ),
  AWS_DESTROY_LEFT: failure<{ left: readonly string[] }>(
    502,
    'user',
    (p) => `Could not remove these AWS resources:\n${p.left.map((each) => `  ${each}`).join('\n')}`,
    'Remove whatever still uses them, then run the command again; it continues from here.',
  ),
  AWS_FAILED: failure<{ action: string; code: string; why: string }>(
    502,
    'platform',
    (p) => `AWS refused ${p.action} (${p.code}): ${p.why}.`,
    `Fix the cause. ${AGAIN}`,
  ),
};
