import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Ec2Fault } from './fault.ts';

const SKEW_MS = 15 * 60_000;

export interface SignedRequest {
  method: string;
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export interface Account {
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Checks a request as AWS does: Signature Version 4, at most 15 minutes old, for this region's EC2. */
export function checkSignature(request: SignedRequest, account: Account, now: number): void {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/ec2\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;
  const [, keyId, day = '', region = '', signed = '', given = ''] = form.exec(header(request, 'authorization')) ?? [];
  if (!keyId) throw new Ec2Fault('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  if (keyId !== account.accessKeyId || region !== account.region)
    throw new Ec2Fault('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
  const at = header(request, 'x-amz-date');
  const time = Date.parse(at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!at.startsWith(day) || !(Math.abs(now - time) <= SKEW_MS))
    throw new Ec2Fault('RequestExpired', 'Request has expired.');
  const names = signed.split(';');
  if (!names.includes('host')) throw new Ec2Fault('SignatureDoesNotMatch', 'The host header is not signed.', 403);
  const headers = names.map((name) => `${name}:${header(request, name).trim().replace(/ +/g, ' ')}\n`).join('');
  const canonical = [request.method, request.path, '', headers, signed, sha256(request.body)].join('\n');
  const scope = `${day}/${region}/ec2/aws4_request`;
  const key = [day, region, 'ec2', 'aws4_request'].reduce<string | Buffer>(
    (last, part) => hmac(last, part),
    `AWS4${account.secretAccessKey}`,
  );
  const wanted = hmac(key, ['AWS4-HMAC-SHA256', at, scope, sha256(canonical)].join('\n'));
  if (!timingSafeEqual(wanted, Buffer.from(given, 'hex')))
    throw new Ec2Fault(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided.',
      403,
    );
}

function header(request: SignedRequest, name: string): string {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : (value ?? '');
}
