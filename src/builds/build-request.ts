import type { Readable } from 'node:stream';
import type { Query } from '../api/index.ts';

/** Source as it arrives: a gzipped tar of the app's folder. Hostile until unpacked with care. */
export interface BuildRequest {
  readonly archive: Readable;
  readonly options: Query<'buildsCreate'>;
}
