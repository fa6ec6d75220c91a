import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteKeyPairCommand,
  DeleteSecurityGroupCommand,
  DeleteVolumeCommand,
  DescribeAddressesCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
  EC2Client,
  ImportKeyPairCommand,
  ReleaseAddressCommand,
  RevokeSecurityGroupIngressCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { EC2ClientConfig } from '@aws-sdk/client-ec2';
import { fail } from '../../../errors/index.ts';
import type { Clock } from '../../../events/index.ts';
import type { Ec2, Ec2Action, Ec2Actions } from './ec2.ts';
import { explain } from './explain.ts';
import { PatientRetries } from './retries.ts';

const COMMANDS = {
  AllocateAddress: AllocateAddressCommand,
  AssociateAddress: AssociateAddressCommand,
  AuthorizeSecurityGroupIngress: AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroup: CreateSecurityGroupCommand,
  DeleteKeyPair: DeleteKeyPairCommand,
  DeleteSecurityGroup: DeleteSecurityGroupCommand,
  DeleteVolume: DeleteVolumeCommand,
  DescribeAddresses: DescribeAddressesCommand,
  DescribeImages: DescribeImagesCommand,
  DescribeInstances: DescribeInstancesCommand,
  DescribeInstanceTypeOfferings: DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypes: DescribeInstanceTypesCommand,
  DescribeKeyPairs: DescribeKeyPairsCommand,
  DescribeSecurityGroups: DescribeSecurityGroupsCommand,
  DescribeSubnets: DescribeSubnetsCommand,
  DescribeVolumes: DescribeVolumesCommand,
  DescribeVpcs: DescribeVpcsCommand,
  ImportKeyPair: ImportKeyPairCommand,
  ReleaseAddress: ReleaseAddressCommand,
  RevokeSecurityGroupIngress: RevokeSecurityGroupIngressCommand,
  RunInstances: RunInstancesCommand,
  StartInstances: StartInstancesCommand,
  TerminateInstances: TerminateInstancesCommand,
} satisfies Record<Ec2Action, unknown>;

/** What the operator's policy must allow; things are tagged as they are made. */
export const PERMISSIONS: readonly string[] = [...Object.keys(COMMANDS), 'CreateTags']
  .map((action) => `ec2:${action}`)
  .sort();

class SdkEc2 implements Ec2 {
  constructor(
    readonly region: string,
    private readonly client: EC2Client,
  ) {}

  async call<A extends Ec2Action>(action: A, input: Ec2Actions[A][0]): Promise<Ec2Actions[A][1]> {
    type Command = new (input: Ec2Actions[A][0]) => Parameters<EC2Client['send']>[0];
    const Command = COMMANDS[action] as unknown as Command;
    try {
      return (await this.client.send(new Command(input))) as Ec2Actions[A][1];
    } catch (error) {
      throw explain(error, { action, region: this.region });
    }
  }

  close(): void {
    this.client.destroy();
  }
}

/**
 * EC2 via the AWS SDK, with credentials, endpoint (AWS_ENDPOINT_URL_EC2) and default region from its default chain.
 * Loading this file takes a third of a second, so import it only when needed.
 */
export async function connectEc2(clock: Clock, config: EC2ClientConfig = {}): Promise<Ec2> {
  const client = new EC2Client({ retryStrategy: new PatientRetries(clock), ...config });
  try {
    return new SdkEc2(await client.config.region(), client);
  } catch (error) {
    client.destroy();
    throw fail('AWS_NO_REGION', {}, error);
  }
}
