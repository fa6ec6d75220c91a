import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import type { Engine, ServiceSpec, TaskInfo } from '../../src/engine/index.ts';
import { isMothershipError, type MothershipError } from '../../src/errors/index.ts';
import type { ErrorCode } from '../../src/errors/catalogue/index.ts';
import type { Program } from '../fakes/fake-engine-containers.ts';
import type { TaskBehaviour } from '../fakes/fake-engine-tasks.ts';

/** An engine that is held to the contract, with an image that has `sh`. */
export interface Subject {
  readonly engine: Engine;
  readonly image: string;
  /** Tells a fake what a real engine finds out by running it. */
  teachProgram(script: string, program: Program): void;
  teachService(name: string, behaviour: TaskBehaviour): void;
}

/** The label on all that a contract makes. */
export const CONTRACT = { 'mothership.contract': '1' };

/** A name that no other test uses. */
export function fresh(noun: string): string {
  return `${noun}-${randomBytes(4).toString('hex')}`;
}

export async function refusal(attempt: Promise<unknown>, code: ErrorCode): Promise<MothershipError> {
  const error: unknown = await attempt.then(
    (value) => expect.fail(`answered ${JSON.stringify(value)} instead of ${code}`),
    (reason: unknown) => reason,
  );
  if (!isMothershipError(error, code)) throw error;
  return error;
}

/** The first answer that passes; looks again for up to 20 s. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + 20_000;
  for (;;) {
    const answer = await look();
    if (answer) return answer;
    if (Date.now() > end) expect.fail(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export function serviceSpec(
  { image }: Pick<Subject, 'image'>,
  change: Partial<ServiceSpec> & { script?: string } = {},
): ServiceSpec {
  const { script = 'trap "exit 0" TERM; while :; do sleep 0.1; done', ...rest } = change;
  return {
    name: fresh('svc'),
    labels: CONTRACT,
    image,
    entrypoint: ['sh', '-c'],
    args: [script],
    env: {},
    networks: [],
    replicas: 1,
    endpointMode: 'dnsrr',
    restart: { condition: 'any', delayMs: 200 },
    stopGraceMs: 1000,
    ...rest,
  };
}

export function running({ engine }: Subject, service: string, count: number): Promise<TaskInfo[]> {
  return until(`${count} running tasks of ${service}`, async () => {
    const tasks = await engine.tasks({ service, desired: 'running' });
    const up = tasks.filter((task) => task.state === 'running');
    return up.length === count && tasks.length === count && up;
  });
}
