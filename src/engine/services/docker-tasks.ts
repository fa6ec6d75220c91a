import type { Connection } from '../connection/connection.ts';
import { filters, type Labels } from '../connection/labels.ts';
import type { Services } from './services.ts';
import type { TaskInfo, TaskState } from './tasks.ts';

interface TaskJson {
  readonly ID: string;
  readonly ServiceID: string;
  readonly Slot?: number;
  readonly NodeID?: string;
  readonly CreatedAt: string;
  readonly DesiredState: string;
  readonly Labels?: Labels | null;
  readonly Spec: { readonly ContainerSpec?: { readonly Image: string; readonly Labels?: Labels | null } };
  readonly Status: {
    readonly Timestamp: string;
    readonly State: TaskState;
    readonly Message?: string;
    readonly Err?: string;
    readonly ContainerStatus?: { readonly ContainerID?: string; readonly ExitCode?: number };
  };
  readonly NetworksAttachments?:
    readonly { readonly Network: { readonly ID: string }; readonly Addresses?: readonly string[] | null }[] | null;
}

const ENDED: readonly TaskState[] = ['complete', 'failed', 'shutdown'];

/** `service` is an id. */
export async function listTasks(engine: Connection, filter: Parameters<Services['tasks']>[0]): Promise<TaskInfo[]> {
  const query = filters(filter.labels ?? {}, {
    ...(filter.service ? { service: [filter.service] } : {}),
    ...(filter.desired ? { 'desired-state': [filter.desired] } : {}),
  });
  // The engine returns 404 if the service in the filter is gone.
  const all = await engine.find<TaskJson[] | null>({ path: '/tasks', query, action: 'list tasks' });
  return (all ?? []).map(taskInfo);
}

function taskInfo(json: TaskJson): TaskInfo {
  const { Status: status, Spec: spec } = json;
  const ended = ENDED.includes(status.State) && status.ContainerStatus?.ContainerID;
  return {
    id: json.ID,
    serviceId: json.ServiceID,
    slot: json.Slot ?? 0,
    nodeId: json.NodeID ?? '',
    state: status.State,
    desired: json.DesiredState as TaskInfo['desired'],
    message: status.Message ?? '',
    error: status.Err ?? '',
    exitCode: ended ? (status.ContainerStatus?.ExitCode ?? 0) : undefined,
    image: spec.ContainerSpec?.Image ?? '',
    containerId: status.ContainerStatus?.ContainerID || undefined,
    labels: { ...json.Labels, ...spec.ContainerSpec?.Labels },
    addresses: addressesOf(json),
    createdAt: json.CreatedAt,
    since: status.Timestamp,
  };
}

function addressesOf(json: TaskJson): Record<string, string> {
  const addresses: Record<string, string> = {};
  for (const { Network: network, Addresses: given } of json.NetworksAttachments ?? []) {
    const ipv4 = given?.find((address) => address.includes('.'));
    if (ipv4) addresses[network.ID] = ipv4.replace(/\/\d+$/, '');
  }
  return addresses;
}
