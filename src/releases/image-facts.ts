import type { ImageInfo } from '#engine';
import type { ReleaseRecord } from '#store';
import { shellWord } from '#values/shell.ts';

export type ImageFacts = Pick<ReleaseRecord, 'exposedPorts' | 'imageUser' | 'imageCommand'>;

/** Commands are cut to this many characters. */
const SHOWN = 500;

/** What a release keeps of its image, so that it can be planned and shown without it. */
export function imageFacts(image: ImageInfo | undefined): ImageFacts {
  if (!image) return {};
  const words = [...image.entrypoint, ...image.command].map((word) => shellWord(word.replaceAll('\0', '')));
  return { exposedPorts: image.exposedPorts, imageUser: image.user, imageCommand: words.join(' ').slice(0, SHOWN) };
}
