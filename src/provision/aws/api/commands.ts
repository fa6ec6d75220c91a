import * as COMMANDS from './actions.ts';

export { COMMANDS };

type Commands = typeof COMMANDS;
type Suffixed = keyof Commands;
type NameOf<C extends Suffixed> = C extends `${infer A}Command` ? A : never;

/** `DescribeInstances` and so on. */
export type Ec2Action = { [C in Suffixed]: NameOf<C> }[Suffixed];
export type Ec2Input<A extends Ec2Action> = InstanceType<Commands[`${A}Command`]>['input'];
type Resolve<A extends Ec2Action> = InstanceType<Commands[`${A}Command`]>['resolveMiddleware'];
export type Ec2Output<A extends Ec2Action> =
  Resolve<A> extends (...given: never[]) => (...given: never[]) => Promise<{ output: infer Output }> ? Output : never;

/** What the operator's policy must allow; resources are tagged when they are created. */
export const PERMISSIONS: readonly string[] = [...Object.keys(COMMANDS), 'CreateTags']
  .map((action) => `ec2:${action.replace(/Command$/, '')}`)
  .sort();
