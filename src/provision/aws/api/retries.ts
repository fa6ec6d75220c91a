import type { EC2ClientConfig } from '@aws-sdk/client-ec2';
import type { Clock } from '#events';

type RetryStrategy = Extract<NonNullable<EC2ClientConfig['retryStrategy']>, { acquireInitialRetryToken: unknown }>;
type RetryToken = Awaited<ReturnType<RetryStrategy['acquireInitialRetryToken']>>;

/** EC2 throttles per account and region for a minute at worst. */
const MAX_ATTEMPTS = 8;
const LONGEST_WAIT_MS = 20_000;
const FIRST_WAIT_MS = { THROTTLING: 500, TRANSIENT: 100 };
/** EC2 sends these with status 500, but another zone is sooner there than the next attempt. */
const FINAL = ['InsufficientInstanceCapacity', 'InsufficientHostCapacity', 'InsufficientReservedInstanceCapacity'];

/**
 * Calls that are throttled or lost are made again, each time after a longer wait with jitter. Like the client's own
 * strategy, but it knows which of EC2's server errors are final, and waits by our clock.
 */
export class PatientRetries implements RetryStrategy {
  constructor(
    private readonly clock: Clock,
    private readonly random: () => number = Math.random,
  ) {}

  acquireInitialRetryToken(): Promise<RetryToken> {
    return Promise.resolve(token(0));
  }

  async refreshRetryTokenForRetry(
    last: RetryToken,
    { error, errorType }: Parameters<RetryStrategy['refreshRetryTokenForRetry']>[1],
  ): Promise<RetryToken> {
    const count = last.getRetryCount() + 1;
    const first = errorType === 'THROTTLING' || errorType === 'TRANSIENT' ? FIRST_WAIT_MS[errorType] : undefined;
    if (first === undefined || count >= MAX_ATTEMPTS || FINAL.includes((error as Error | undefined)?.name ?? ''))
      throw error;
    await this.clock.sleep(Math.min(LONGEST_WAIT_MS, first * 2 ** count) * (0.5 + this.random() / 2));
    return token(count);
  }

  recordSuccess(): void {}
}

const token = (count: number): RetryToken => ({ getRetryCount: () => count, getRetryDelay: () => 0 });
