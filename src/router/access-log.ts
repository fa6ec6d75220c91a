/** A request from the router's log. Times in milliseconds; `connect` is missing if no task was reached. */
export interface RouterLogLine {
  /** When the request ended, ISO 8601 with milliseconds. */
  readonly at: string;
  readonly app: string;
  readonly release: string;
  readonly host: string;
  readonly method: string;
  readonly path: string;
  /** `http` or `https`. */
  readonly protocol: string;
  readonly status: number;
  readonly bytes: number;
  readonly connect?: number;
  readonly service: number;
  /** The task's address; the last one if several were tried. */
  readonly peer?: string;
  /** The client's address. */
  readonly fwd: string;
  readonly requestId: string;
  /** As on the error page: H10, H12, …, Heroku's where it has one (docs/http.md); H27 if the client disconnected. */
  readonly code?: string;
}

const CLIENT_LEFT = 499;

/** The log format of templates/images/router/nginx.conf. Only nginx's lists of attempts contain spaces. */
const LINE = new RegExp(
  [
    /^at=(?<at>\d+\.\d{3}) target=(?<app>[^ /]*)\/?(?<release>\S*)/,
    /code=(?<code>\S*) status=(?<status>\d+) bytes=(?<bytes>\d+)/,
    /connect=(?<connect>[\d.,: -]*) service=(?<service>\S*) peer=(?<peer>\S*(?:(?:,| :) \S+)*)/,
    /fwd=(?<fwd>\S*) request_id=(?<id>\S*)/,
    /protocol=(?<protocol>\S*) method=(?<method>\S*) host=(?<host>\S*) path=(?<path>\S*)$/,
  ]
    .map((part) => part.source)
    .join(' '),
);

/** Parses a line from the router's stdout; undefined for anything else. */
export function parseRouterLine(text: string): RouterLogLine | undefined {
  const raw = LINE.exec(text.trimEnd())?.groups;
  if (!raw) return undefined;
  const field = (name: string): string => raw[name] ?? '';
  const connect = milliseconds(last(field('connect')));
  const peer = last(field('peer'));
  const status = Number(field('status'));
  const code = field('code') || (status === CLIENT_LEFT ? 'H27' : '');
  return {
    at: new Date(milliseconds(field('at')) ?? 0).toISOString(),
    app: field('app'),
    release: field('release'),
    host: field('host'),
    method: field('method'),
    path: field('path'),
    protocol: field('protocol'),
    status,
    bytes: Number(field('bytes')),
    ...(connect === undefined ? {} : { connect }),
    service: milliseconds(field('service')) ?? 0,
    ...(peer ? { peer } : {}),
    fwd: field('fwd'),
    requestId: field('id'),
    ...(code ? { code } : {}),
  };
}

/** Heroku's format: `at=info method=GET path="/" host=… status=200 bytes=5`. */
export function formatRouterLine(line: RouterLogLine): string {
  const facts: [string, string | undefined][] = [
    ['at', line.code ? 'error' : 'info'],
    ['code', line.code],
    ['method', line.method],
    ['path', JSON.stringify(line.path)],
    ['host', line.host],
    ['request_id', line.requestId],
    ['fwd', JSON.stringify(line.fwd)],
    ['release', line.release || undefined],
    ['peer', line.peer],
    ['connect', line.connect === undefined ? undefined : `${line.connect}ms`],
    ['service', `${line.service}ms`],
    ['status', String(line.status)],
    ['bytes', String(line.bytes)],
    ['protocol', line.protocol],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`])).join(' ');
}

/** nginx lists one value per attempt: `0.001, -`. */
function last(list: string): string {
  return list.split(/[,:] /).at(-1) ?? '';
}

function milliseconds(seconds: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(seconds) ? Math.round(Number(seconds) * 1000) : undefined;
}
