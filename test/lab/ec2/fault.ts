import type { Query } from './query.ts';

/** An error as EC2 answers it. */
export class Ec2Fault extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

/** What the endpoint does wrong on purpose. */
export interface Injection {
  /** Every action when missing. */
  action?: string;
  /** Only calls for which this holds: one zone's, for instance. */
  when?: (query: Query) => boolean;
  /** How often; for ever when missing. */
  times?: number;
  /** The error; when missing, the connection breaks. */
  code?: string;
  message?: string;
  status?: number;
  /** Answers this instead of XML, with `status`; HTML unless it is empty. */
  body?: string;
  /** Does what was asked for before it fails: the caller never hears of it. */
  after?: boolean;
}

const STATUS: Record<string, number> = {
  RequestLimitExceeded: 503,
  InsufficientInstanceCapacity: 500,
  InternalError: 500,
  Unavailable: 503,
  UnauthorizedOperation: 403,
  AuthFailure: 401,
};

const MESSAGES: Record<string, string> = {
  RequestLimitExceeded: 'Request limit exceeded.',
  InsufficientInstanceCapacity: 'We currently do not have sufficient capacity in the Availability Zone you requested.',
  VcpuLimitExceeded:
    'You have requested more vCPU capacity than your current vCPU limit of 4 allows for the instance bucket that the specified instance type belongs to.',
  UnauthorizedOperation:
    'You are not authorized to perform this operation. User: arn:aws:iam::111122223333:user/ann is not authorized to perform: ec2:{action}. Encoded authorization failure message: bG9uZyBhbmQgdXNlbGVzcw',
  RequestExpired: 'Request has expired.',
};

export function faultOf({ code = '', message, status }: Injection, action: string): Ec2Fault {
  const words = message ?? MESSAGES[code] ?? `${code} was injected.`;
  return new Ec2Fault(code, words.replace('{action}', action), status ?? STATUS[code] ?? 400);
}
