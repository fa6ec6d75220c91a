import type { App } from '#api';

/** The app's URL; null if it has processes, but none of the type `web`. */
export function webUrl({ url, formation }: Pick<App, 'url' | 'formation'>): string | null {
  return formation.length === 0 || formation.some(({ type }) => type === 'web') ? url : null;
}
