import { EC2Client, type EC2ClientConfig } from '@aws-sdk/client-ec2';
import { fail } from '#errors';
import type { Clock } from '#events';
import { COMMANDS, type Ec2Action, type Ec2Input, type Ec2Output } from './commands.ts';
import type { Ec2 } from './ec2.ts';
import { expectEc2 } from './answers.ts';
import { explain } from './explain.ts';
import { PatientRetries } from './retries.ts';

class SdkEc2 implements Ec2 {
  constructor(
    readonly region: string,
    private readonly client: EC2Client,
  ) {}

  async call<A extends Ec2Action>(action: A, input: Ec2Input<A>): Promise<Ec2Output<A>> {
    type Command = new (input: Ec2Input<A>) => Parameters<EC2Client['send']>[0];
    const Command = COMMANDS[`${action}Command`] as unknown as Command;
    try {
      return (await this.client.send(new Command(input))) as Ec2Output<A>;
    } catch (error) {
      throw explain(error, { action, region: this.region });
    }
  }

  close(): void {
    this.client.destroy();
  }
}

/** A server that accepts a request and never answers must not stop the program; every call can be repeated. */
const TIMEOUTS = { connectionTimeout: 10_000, requestTimeout: 30_000, throwOnRequestTimeout: true };

/**
 * EC2 via the AWS SDK, with credentials, endpoint (AWS_ENDPOINT_URL_EC2) and default region from its default chain.
 * Loading this file takes a third of a second, so import it only when needed.
 */
export async function connectEc2(clock: Clock, config: EC2ClientConfig = {}): Promise<Ec2> {
  const client = new EC2Client({ retryStrategy: new PatientRetries(clock), requestHandler: TIMEOUTS, ...config });
  client.middlewareStack.add(expectEc2, { step: 'deserialize', priority: 'low', name: 'expectEc2' });
  try {
    return new SdkEc2(await client.config.region(), client);
  } catch (error) {
    client.destroy();
    const { message } = error as Error;
    if (/not accepted/i.test(message))
      throw fail(
        'SETUP_OPTION_INVALID',
        { option: 'region', given: String(config.region ?? ''), why: 'use a name such as eu-central-1' },
        error,
      );
    throw fail('AWS_NO_REGION', {}, error);
  }
}
