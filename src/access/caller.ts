/** The authenticated user of a request; every change records its caller. */
export interface Caller {
  readonly user: string;
  readonly role: 'admin' | 'member' | 'deploy';
  /** The only app that a deploy token may deploy. */
  readonly app?: string;
  readonly tokenId: string;
}
