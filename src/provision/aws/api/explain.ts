import { StrangeAnswer } from './answers.ts';
import { fail, isMothershipError, type MothershipError } from '#errors';

interface Call {
  readonly action: string;
  readonly region: string;
}

const EXPIRED = [
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'TokenRefreshRequired',
  'RequestTimeTooSkewed',
];
const REFUSED = [
  'AuthFailure',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
  'InvalidAccessKeyId',
  'OptInRequired',
];
const THROTTLED = [
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'RequestThrottled',
  'RequestThrottledException',
  'EC2ThrottledException',
  'SlowDown',
];
/** Server errors of EC2. */
const BROKEN = ['InternalError', 'InternalFailure', 'ServiceUnavailable', 'Unavailable'];
const QUOTA = [
  'VcpuLimitExceeded',
  'InstanceLimitExceeded',
  'AddressLimitExceeded',
  'SecurityGroupLimitExceeded',
  'VolumeLimitExceeded',
  'RulesPerSecurityGroupLimitExceeded',
];
const UNREACHABLE = [
  'ENOTFOUND',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'TimeoutError',
  'SELF_SIGNED_CERT_IN_CHAIN',
];

/** Returns EC2's error code, for example `InsufficientInstanceCapacity`; undefined if the error is not EC2's. */
export function awsCode(error: unknown): string | undefined {
  const cause = isMothershipError(error) ? error.cause : undefined;
  return cause instanceof Error ? cause.name : undefined;
}

/** Converts an error of the AWS SDK to a catalogue error. Codes: EC2 API Reference, "Error codes". */
export function explain(error: unknown, call: Call): MothershipError {
  if (isMothershipError(error)) return error;
  if (error instanceof StrangeAnswer) return strange(error, call);
  const { name, code, message } = wordsOf(error);
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    return /expired/i.test(message)
      ? fail('AWS_CREDENTIALS_EXPIRED', { why: message }, error)
      : fail('AWS_NO_CREDENTIALS', {}, error);
  }
  if (EXPIRED.includes(name)) return fail('AWS_CREDENTIALS_EXPIRED', { why: message }, error);
  if (REFUSED.includes(name)) return fail('AWS_CREDENTIALS_REFUSED', { ...call, why: message }, error);
  if (name === 'UnauthorizedOperation' || name === 'AccessDenied')
    return fail('AWS_NOT_ALLOWED', deniedBy(message, call), error);
  if (THROTTLED.includes(name)) return fail('AWS_THROTTLED', call, error);
  if (BROKEN.includes(name)) return fail('AWS_ANSWERED', { ...call, status: statusOf(error), why: message }, error);
  if (QUOTA.includes(name)) return fail('AWS_QUOTA', { region: call.region, quota: name, why: message }, error);
  if (UNREACHABLE.includes(code) || UNREACHABLE.includes(name))
    return fail('AWS_UNREACHABLE', { region: call.region, why: message || code }, error);
  return fail('AWS_FAILED', { action: call.action, code: name, why: message }, error);
}

function strange(error: StrangeAnswer, call: Call): MothershipError {
  return error.status === 429
    ? fail('AWS_THROTTLED', call, error)
    : fail('AWS_ANSWERED', { ...call, status: error.status, why: error.message }, error);
}

function statusOf(error: unknown): number {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 500;
}

function wordsOf(error: unknown): { name: string; code: string; message: string } {
  const words = (error ?? {}) as { name?: unknown; code?: unknown; message?: unknown };
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return { name: text(words.name), code: text(words.code), message: text(words.message).replace(/\.$/, '') };
}

/**
 * Extracts who is not allowed to do what. Tagging at creation is a permission of its own; EC2's encoded decision is
 * dropped.
 */
function deniedBy(message: string, { action }: Call): { who: string; action: string } {
  const [, who = '', denied = action] = /User: (\S+) is not authorized to perform: ec2:(\w+)/.exec(message) ?? [];
  return { who, action: denied };
}
