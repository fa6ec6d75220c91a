/**
 * Who may call a route: anyone, a router, any token (a deploy token only for its app), a user token, or an admin token.
 */
export type Access = 'public' | 'router' | 'deploy' | 'member' | 'admin';

export interface RouteInfo {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Parameters are written `:name`. */
  readonly path: string;
  readonly access: Access;
  readonly summary: string;
  /**
   * `operation`: responds with 202 and an Operation to follow. `ndjson`: a stream of lines. `socket`: a WebSocket.
   * `poll`: 204 if nothing is new. `download`: a stream of bytes.
   */
  readonly answer?: 'operation' | 'ndjson' | 'socket' | 'poll' | 'download';
  /** Media type of a body that is not JSON and is streamed. */
  readonly upload?: string;
  /** The upload is only limited by the controller's disk; others have a limit. */
  readonly large?: boolean;
}

type Extras = Pick<RouteInfo, 'answer' | 'upload' | 'large'>;

const route =
  <const M extends RouteInfo['method']>(method: M) =>
  <const P extends string, const A extends Access, const E extends Extras = object>(
    path: P,
    access: A,
    summary: string,
    extras?: E,
  ) => ({ method, path, access, summary, ...(extras as E) });

export const get = route('GET');
export const post = route('POST');
export const patch = route('PATCH');
export const remove = route('DELETE');
