export { checkedCopy } from './checked-copy.ts';
export {
  imagesOf,
  type AppBackup,
  type BackupContents,
  type CertificateBackup,
  type ImageBackup,
  FORMAT_VERSION,
} from './contents.ts';
export { decrypt, encrypt } from './encryption.ts';
export { packBackup } from './pack.ts';
export { planRestore, type AppRestore, type RestorePlan } from './restore-plan.ts';
export { readBackup, readImages } from './unpack.ts';
