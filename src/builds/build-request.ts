import type { Readable } from 'node:stream';
import type { Query } from '#api';

/** Incoming source: an untrusted gzipped tar of the app's folder. */
export interface BuildRequest {
  readonly archive: Readable;
  readonly options: Query<'buildsCreate'>;
}
