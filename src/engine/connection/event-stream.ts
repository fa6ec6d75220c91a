import { fail } from '../../errors/index.ts';
import type { Connection } from './connection.ts';
import type { EngineEvent, Labels } from '../engine.ts';
import { jsonLines } from '../images/json-lines.ts';

interface EventJson {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes?: Labels | null };
}

/**
 * Streams events of this engine and, on a manager, of the Swarm. The first event is always `engine subscribed`: a list
 * taken after it misses nothing. Ends when `signal` aborts. Throws ENGINE_UNREACHABLE if the connection is lost.
 */
export async function* engineEvents(engine: Connection, signal: AbortSignal): AsyncGenerator<EngineEvent> {
  const call = { path: '/events', action: 'stream its events', signal };
  if (signal.aborted) return;
  const body = await engine.stream(call).catch((error: unknown) => {
    if (signal.aborted) return undefined;
    throw error;
  });
  if (!body) return;
  yield { type: 'engine', action: 'subscribed', id: '', attributes: {} };
  for await (const event of jsonLines<EventJson>(body, call, engine.where)) yield engineEvent(event);
  if (!signal.aborted) throw fail('ENGINE_UNREACHABLE', { where: engine.where, why: 'its event stream ended' });
}

function engineEvent(json: EventJson): EngineEvent {
  return { type: json.Type, action: json.Action, id: json.Actor.ID, attributes: json.Actor.Attributes ?? {} };
}
