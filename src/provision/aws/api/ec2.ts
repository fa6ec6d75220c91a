import type { Ec2Action, Ec2Input, Ec2Output } from './commands.ts';

/** One region of EC2. */
export interface Ec2 {
  readonly region: string;
  /** Throws catalogue errors; `awsCode` returns EC2's code. */
  call<A extends Ec2Action>(action: A, input: Ec2Input<A>): Promise<Ec2Output<A>>;
  close(): void;
}

type Paged = { [A in Ec2Action]: Ec2Output<A> extends { NextToken?: string | undefined } ? A : never }[Ec2Action];

/** Yields all pages of a list. */
export async function* pages<A extends Paged>(ec2: Ec2, action: A, input: Ec2Input<A>): AsyncGenerator<Ec2Output<A>> {
  let token: string | undefined;
  do {
    const page = await ec2.call(action, { ...input, ...(token ? { NextToken: token } : {}) });
    yield page;
    token = (page as { NextToken?: string | undefined }).NextToken;
  } while (token);
}
