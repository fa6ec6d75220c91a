/** The authenticated user of a request; every change records its caller. */
export interface Caller {
  readonly user: string;
  readonly role: 'admin' | 'member' | 'deploy';
  /** Name of the only app that a deployer may deploy. */
  readonly app?: string;
  readonly tokenId: string;
}
