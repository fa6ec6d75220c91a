export { AwsProvider, type AwsParts, type Reach } from './aws-provider.ts';
export { ownCidr } from './own-address.ts';
export { monthlyPrice, PRICES_AS_OF } from './prices.ts';
export type { AwsSettings } from './aws-types.ts';
