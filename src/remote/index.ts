export type { SshResult } from './command.ts';
export { SshConnection } from './connection.ts';
export { SshIdentity } from './identity.ts';
export { createKeyPair, publicKeyOf } from './key-pair.ts';
export { KnownHosts } from './known-hosts.ts';
export { sshTarget, targetText, type SshTarget } from './target.ts';
