import { fail } from '#errors';
import type { Connection } from '../connection/connection.ts';
import { jsonLines } from '../connection/json-lines.ts';
import type { EngineEvent, EngineInfo, System } from './system.ts';

interface InfoJson {
  readonly Name: string;
  readonly ServerVersion: string;
  readonly Architecture: string;
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly Warnings?: readonly string[] | null;
  readonly CgroupDriver?: string;
  readonly CgroupVersion?: string;
  readonly Swarm?: {
    readonly LocalNodeState: string;
    readonly ControlAvailable: boolean;
    readonly NodeID: string;
    readonly NodeAddr: string;
  };
}

interface EventJson {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string };
}

export class DockerSystem implements System {
  readonly #engine: Connection;

  constructor(engine: Connection) {
    this.#engine = engine;
  }

  info: System['info'] = async () => {
    const info = await this.#engine.call<InfoJson>({ path: '/info', action: 'describe itself' });
    return {
      name: info.Name,
      version: info.ServerVersion,
      apiVersion: await this.#engine.apiVersion(),
      architecture: info.Architecture,
      cpus: info.NCPU,
      memoryBytes: info.MemTotal,
      swarm: swarmState(info.Swarm),
      nodeId: info.Swarm?.NodeID ?? '',
      nodeAddress: info.Swarm?.NodeAddr ?? '',
      warnings: info.Warnings ?? [],
      slices: info.CgroupDriver === 'systemd' && info.CgroupVersion === '2',
    };
  };

  events: System['events'] = (signal) => engineEvents(this.#engine, signal);
}

function swarmState(swarm: InfoJson['Swarm']): EngineInfo['swarm'] {
  switch (swarm?.LocalNodeState) {
    case undefined:
    case '':
    case 'inactive':
      return 'inactive';
    case 'active':
      return swarm.ControlAvailable ? 'manager' : 'worker';
    case 'locked':
      return 'locked';
    default:
      return 'error';
  }
}

async function* engineEvents(engine: Connection, signal: AbortSignal): AsyncGenerator<EngineEvent> {
  const call = { path: '/events', action: 'stream its events', signal };
  if (signal.aborted) return;
  const body = await engine.stream(call).catch((error: unknown) => {
    if (signal.aborted) return undefined;
    throw error;
  });
  if (!body) return;
  yield { type: 'engine', action: 'subscribed', id: '' };
  for await (const event of jsonLines<EventJson>(body, call, engine.where)) yield engineEvent(event);
  if (!signal.aborted) throw fail('ENGINE_UNREACHABLE', { where: engine.where, why: 'its event stream ended' });
}

function engineEvent(json: EventJson): EngineEvent {
  return { type: json.Type, action: json.Action, id: json.Actor.ID };
}
