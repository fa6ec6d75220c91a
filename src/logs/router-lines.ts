import { label } from '../rollout/index.ts';

/** Labels of the service whose tasks write the access log. */
export const ROUTER_LABELS = { [label.kind]: 'router' } as const;

/** Cheap enough to run on every line of a busy router; a full parse is only for lines that pass. */
export function isRouterLineOf(app: string, line: string): boolean {
  return line.startsWith('{') && line.includes(`"app":"${app}"`);
}

/** An access log line in Heroku's form: `at=info method=GET path="/" host=… status=200 …`. */
export function routerLine(json: string): string {
  try {
    const { at: _at, app: _app, ...facts } = JSON.parse(json) as Record<string, unknown>;
    const level = facts['code'] ? 'error' : 'info';
    const parts = Object.entries(facts).filter(([, value]) => value !== '' && value !== null && value !== '-');
    return [`at=${level}`, ...parts.map(([key, value]) => `${key}=${formatted(value)}`)].join(' ');
  } catch {
    return json;
  }
}

function formatted(value: unknown): string {
  const text = String(value);
  return /^[\w.:/*-]+$/.test(text) ? text : JSON.stringify(text);
}
