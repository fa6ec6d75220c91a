import type { Readable } from 'node:stream';
import type { Body, Query, Response, RouteName, routes } from '#api';
import type { Caller, RunSession } from '#platform';

type ParamNames<P extends string> = P extends `${string}/:${infer Name}/${infer Rest}`
  ? Name | ParamNames<`/${Rest}`>
  : P extends `${string}/:${infer Name}`
    ? Name
    : never;
type Table = typeof routes;
type AnswerKind<N extends RouteName> = Table[N] extends { answer: infer A } ? A : 'json';

/** A handler's input: the request's parts, parsed by the contract. */
interface Call<N extends RouteName> {
  readonly params: Record<ParamNames<Table[N]['path']>, string>;
  readonly query: Query<N>;
  readonly body: Body<N>;
  readonly caller: Table[N]['access'] extends 'deploy' | 'member' | 'admin' ? Caller : undefined;
  readonly upload: Table[N] extends { upload: string } ? Readable : undefined;
  /** Aborts when the client disconnects or the controller stops. */
  readonly signal: AbortSignal;
}

type Answer<N extends RouteName> =
  AnswerKind<N> extends 'ndjson'
    ? AsyncIterable<Response<N>>
    : AnswerKind<N> extends 'socket'
      ? Promise<RunSession>
      : AnswerKind<N> extends 'download'
        ? Promise<Readable>
        : AnswerKind<N> extends 'poll'
          ? Promise<Response<N> | undefined>
          : Response<N> | Promise<Response<N>>;

/** One handler for each named route. */
export type Handlers<Name extends RouteName = RouteName> = { readonly [N in Name]: (call: Call<N>) => Answer<N> };
