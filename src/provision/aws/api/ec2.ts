import type * as Sdk from '@aws-sdk/client-ec2';

/** EC2 actions that Mothership uses, and so the required permissions: `ec2:<name>` each. */
export interface Ec2Actions {
  AllocateAddress: [Sdk.AllocateAddressCommandInput, Sdk.AllocateAddressCommandOutput];
  AssociateAddress: [Sdk.AssociateAddressCommandInput, Sdk.AssociateAddressCommandOutput];
  AuthorizeSecurityGroupIngress: [
    Sdk.AuthorizeSecurityGroupIngressCommandInput,
    Sdk.AuthorizeSecurityGroupIngressCommandOutput,
  ];
  CreateSecurityGroup: [Sdk.CreateSecurityGroupCommandInput, Sdk.CreateSecurityGroupCommandOutput];
  DeleteKeyPair: [Sdk.DeleteKeyPairCommandInput, Sdk.DeleteKeyPairCommandOutput];
  DeleteSecurityGroup: [Sdk.DeleteSecurityGroupCommandInput, Sdk.DeleteSecurityGroupCommandOutput];
  DeleteVolume: [Sdk.DeleteVolumeCommandInput, Sdk.DeleteVolumeCommandOutput];
  DescribeAddresses: [Sdk.DescribeAddressesCommandInput, Sdk.DescribeAddressesCommandOutput];
  DescribeImages: [Sdk.DescribeImagesCommandInput, Sdk.DescribeImagesCommandOutput];
  DescribeInstances: [Sdk.DescribeInstancesCommandInput, Sdk.DescribeInstancesCommandOutput];
  DescribeInstanceTypeOfferings: [
    Sdk.DescribeInstanceTypeOfferingsCommandInput,
    Sdk.DescribeInstanceTypeOfferingsCommandOutput,
  ];
  DescribeInstanceTypes: [Sdk.DescribeInstanceTypesCommandInput, Sdk.DescribeInstanceTypesCommandOutput];
  DescribeKeyPairs: [Sdk.DescribeKeyPairsCommandInput, Sdk.DescribeKeyPairsCommandOutput];
  DescribeSecurityGroups: [Sdk.DescribeSecurityGroupsCommandInput, Sdk.DescribeSecurityGroupsCommandOutput];
  DescribeSubnets: [Sdk.DescribeSubnetsCommandInput, Sdk.DescribeSubnetsCommandOutput];
  DescribeVolumes: [Sdk.DescribeVolumesCommandInput, Sdk.DescribeVolumesCommandOutput];
  DescribeVpcs: [Sdk.DescribeVpcsCommandInput, Sdk.DescribeVpcsCommandOutput];
  ImportKeyPair: [Sdk.ImportKeyPairCommandInput, Sdk.ImportKeyPairCommandOutput];
  ReleaseAddress: [Sdk.ReleaseAddressCommandInput, Sdk.ReleaseAddressCommandOutput];
  RevokeSecurityGroupIngress: [Sdk.RevokeSecurityGroupIngressCommandInput, Sdk.RevokeSecurityGroupIngressCommandOutput];
  RunInstances: [Sdk.RunInstancesCommandInput, Sdk.RunInstancesCommandOutput];
  StartInstances: [Sdk.StartInstancesCommandInput, Sdk.StartInstancesCommandOutput];
  TerminateInstances: [Sdk.TerminateInstancesCommandInput, Sdk.TerminateInstancesCommandOutput];
}
export type Ec2Action = keyof Ec2Actions;

/** One region of EC2. */
export interface Ec2 {
  readonly region: string;
  /** Throws catalogue errors; `awsCode` returns EC2's code. */
  call<A extends Ec2Action>(action: A, input: Ec2Actions[A][0]): Promise<Ec2Actions[A][1]>;
  close(): void;
}

type Paged = { [A in Ec2Action]: Ec2Actions[A][1] extends { NextToken?: string | undefined } ? A : never }[Ec2Action];

/** Yields all pages of a list. */
export async function* pages<A extends Paged>(
  ec2: Ec2,
  action: A,
  input: Ec2Actions[A][0],
): AsyncGenerator<Ec2Actions[A][1]> {
  let token: string | undefined;
  do {
    const page = await ec2.call(action, { ...input, ...(token ? { NextToken: token } : {}) });
    yield page;
    token = (page as { NextToken?: string | undefined }).NextToken;
  } while (token);
}
