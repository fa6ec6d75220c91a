import { failure, usage } from '../entry.ts';

const AGAIN = 'Then run the command again: it goes on from here, and makes nothing twice.';

export const aws = {
  AWS_NO_REGION: usage<Record<never, never>>(
    () => 'No AWS region is chosen.',
    () => 'Pass --region, for instance --region eu-central-1, or set AWS_REGION.',
  ),
  AWS_NO_CREDENTIALS: failure<Record<never, never>>(
    401,
    'user',
    () => 'There are no AWS credentials.',
    () =>
      'Log in with `aws configure` or `aws sso login`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
  ),
  AWS_CREDENTIALS_EXPIRED: failure<{ why: string }>(
    401,
    'user',
    (p) => `The AWS credentials have expired: ${p.why}.`,
    () => `Get new ones (\`aws sso login\`), and check that this computer's clock is right. ${AGAIN}`,
  ),
  AWS_CREDENTIALS_REFUSED: failure<{ region: string; why: string }>(
    401,
    'user',
    (p) => `AWS does not accept the credentials in ${p.region}: ${p.why}.`,
    (p) =>
      `Check AWS_PROFILE or AWS_ACCESS_KEY_ID with \`aws sts get-caller-identity\`, and that the region ${p.region} is enabled for the account.`,
  ),
  AWS_NOT_ALLOWED: failure<{ action: string; who: string }>(
    403,
    'user',
    (p) => `${p.who ? `The AWS identity ${p.who}` : 'This AWS identity'} may not do ec2:${p.action}.`,
    (p) => `Give it a policy that allows ec2:${p.action}, or choose another with AWS_PROFILE. ${AGAIN}`,
  ),
  AWS_THROTTLED: failure<{ action: string; region: string }>(
    503,
    'platform',
    (p) => `AWS kept refusing ${p.action} in ${p.region} because the account makes too many requests.`,
    () => `Wait a minute; other programs may be using up the account's rate. ${AGAIN}`,
  ),
  AWS_UNREACHABLE: failure<{ region: string; why: string }>(
    502,
    'user',
    (p) => `EC2 of the region "${p.region}" cannot be reached: ${p.why}.`,
    () => 'Check the name of the region, the network and its proxy, and AWS_ENDPOINT_URL_EC2 if it is set.',
  ),
  AWS_QUOTA: failure<{ region: string; quota: string; why: string }>(
    409,
    'user',
    (p) => `The AWS account has reached a quota in ${p.region} (${p.quota}): ${p.why}.`,
    (p) =>
      `Ask for more in the console under Service Quotas > Amazon EC2 (for VcpuLimitExceeded "Running On-Demand Standard instances", in ${p.region}), or take fewer or smaller machines. ${AGAIN}`,
  ),
  AWS_NO_CAPACITY: failure<{ machine: string; type: string; zones: readonly string[] }>(
    503,
    'platform',
    (p) => `AWS has no ${p.type} left for ${p.machine} in ${p.zones.join(', ')}.`,
    () => `Try again later, take other --zones, or another --instance-type. ${AGAIN}`,
  ),
  AWS_TYPE_UNKNOWN: usage<{ type: string; region: string }>(
    (p) => `There is no instance type "${p.type}" in ${p.region}.`,
    () => 'Choose one with --instance-type, for instance t3.medium or t4g.medium.',
  ),
  AWS_ZONE_UNUSABLE: usage<{ zone: string; why: string; zones: readonly string[] }>(
    (p) => `The zone "${p.zone}" cannot be used: ${p.why}.`,
    (p) =>
      p.zones.length > 0
        ? `These can: --zones ${p.zones.join(',')}.`
        : 'Choose another VPC with --vpc, or another --instance-type.',
  ),
  AWS_NO_VPC: failure<{ region: string; vpc?: string }>(
    404,
    'user',
    (p) => (p.vpc ? `There is no VPC ${p.vpc} in ${p.region}.` : `The region ${p.region} has no default VPC.`),
    () => 'Name one with --vpc, or make the default one with `aws ec2 create-default-vpc`.',
  ),
  AWS_NO_IMAGE: failure<{ region: string; architecture: string }>(
    404,
    'platform',
    (p) => `Debian's image for ${p.architecture} is not there in ${p.region}.`,
    () => 'Choose another region, or a type of the other architecture with --instance-type.',
  ),
  AWS_KEY_INVALID: usage<{ why: string }>(
    (p) => `The SSH key cannot be used: ${p.why}.`,
    () => 'Pass a public key of type ed25519 or RSA with --ssh-key; `ssh-keygen -t ed25519` makes one.',
  ),
  AWS_KEY_DIFFERS: failure<{ cluster: string; key: string }>(
    409,
    'user',
    (p) => `The machines of "${p.cluster}" were made with another SSH key than this one (key pair ${p.key}).`,
    () => 'Pass the key that the cluster was set up with: --ssh-key.',
  ),
  AWS_NAME_TAKEN: failure<{ kind: string; name: string }>(
    409,
    'user',
    (p) => `The account already has a ${p.kind} "${p.name}" which Mothership did not make.`,
    () => 'Give the cluster another --name, or remove that one.',
  ),
  AWS_MACHINE_FAILED: failure<{ machine: string; state: string; why: string }>(
    502,
    'platform',
    (p) => `The machine ${p.machine} did not start: it is ${p.state}${p.why ? ` (${p.why})` : ''}.`,
    () => `Look at it in the EC2 console. ${AGAIN}`,
  ),
  AWS_UNSETTLED: failure<{ waiting: string }>(
    504,
    'platform',
    (p) => `AWS did not finish in time: ${p.waiting}.`,
    () => `Wait a minute. ${AGAIN}`,
  ),
  AWS_DESTROY_LEFT: failure<{ left: readonly string[] }>(
    502,
    'user',
    (p) => `These could not be removed from AWS:\n${p.left.map((each) => `  ${each}`).join('\n')}`,
    () => 'Remove what holds them, then run the command again: it goes on from here.',
  ),
  AWS_FAILED: failure<{ action: string; code: string; why: string }>(
    502,
    'platform',
    (p) => `AWS refused ${p.action} (${p.code}): ${p.why}.`,
    () => `Put that right. ${AGAIN}`,
  ),
};
