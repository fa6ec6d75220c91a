export { AwsProvider, defaultRegion } from './aws-provider.ts';
export { ownCidr } from './own-address.ts';
