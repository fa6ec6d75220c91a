export { checkedCopy } from './checked-copy.ts';
export type { BackupContents } from './contents.ts';
export { decrypt, encrypt } from './encryption.ts';
