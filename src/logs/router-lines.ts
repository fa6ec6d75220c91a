import { parseRouterLine, type RouterLogLine } from '#router';

/**
 * Parses the router's line about a request to this app; undefined for other lines, which are most of a busy router's.
 */
export function routerLineOf(app: string, text: string): RouterLogLine | undefined {
  const line = text.includes(`target=${app}`) ? parseRouterLine(text) : undefined;
  return line?.app === app ? line : undefined;
}
