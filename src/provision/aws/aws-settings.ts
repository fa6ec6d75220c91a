import { isIP } from 'node:net';
import { fail } from '#errors';
import { parsePublicKey } from './public-key.ts';
import type { AwsRequest } from './aws-types.ts';

const MANAGERS = [1, 3, 5];
/** Debian's image needs 8 GB, plus room for images of apps and builds. gp3 ends at 16 TiB. */
const DISK = { least: 10, most: 16_384 };
const INSTANCE_TYPE = /^[a-z0-9-]+\.[a-z0-9-]+$/;

/** Validates a request before EC2 is called. Throws SETUP_OPTION_INVALID or AWS_KEY_INVALID. */
export function checkSettings(request: AwsRequest): AwsRequest {
  const refuse = (option: string, given: unknown, why: string): never => {
    throw fail('SETUP_OPTION_INVALID', { option, given: String(given), why });
  };
  if (!MANAGERS.includes(request.managers))
    refuse('managers', request.managers, 'use 1, 3 or 5, so that a majority remains after a failure');
  if (!Number.isInteger(request.workers) || request.workers < 0)
    refuse('workers', request.workers, 'use a whole number, 0 or more');
  if (!Number.isInteger(request.diskGb) || request.diskGb < DISK.least || request.diskGb > DISK.most)
    refuse('disk', request.diskGb, `use a whole number of GB from ${DISK.least} to ${DISK.most}`);
  for (const type of [request.managerType, request.workerType])
    if (!INSTANCE_TYPE.test(type)) refuse('instance-type', type, 'use an instance type such as t3.medium');
  if (request.adminCidrs.length === 0) refuse('admin-cidr', '', 'without it, no one could log in to the machines');
  for (const cidr of request.adminCidrs)
    if (!isCidr(cidr)) refuse('admin-cidr', cidr, 'use an address with a prefix, such as 203.0.113.7/32');
  parsePublicKey(request.publicKey);
  return request;
}

/** Accepts only EC2's own notation, so that rules can be found again: no bits beyond the prefix, shortest IPv6. */
export function isCidr(text: string): boolean {
  const [address = '', prefix = '', ...rest] = text.split('/');
  if (rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(prefix)) return false;
  const length = Number(prefix);
  if (isIP(address) === 4)
    return (
      length <= 32 && address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) % 2 ** (32 - length) === 0
    );
  return (
    isIP(address) === 6 &&
    new URL(`http://[${address}]`).hostname === `[${address}]` &&
    (length === 128 || (length < 128 && address.endsWith('::')))
  );
}
