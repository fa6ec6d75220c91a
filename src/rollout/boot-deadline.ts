import { Deadline, type Clock } from '#events';

/** Time for nodes to pull images; a process's own boot time starts afterwards, like Heroku's. */
const IMAGES_MS = 300_000;

/** When to give up on processes that start. Extend it while a node is pulling or unpacking the image. */
export function bootDeadline(clock: Pick<Clock, 'now'>, bootMs: number): Deadline {
  return new Deadline(clock, { within: bootMs, atMost: IMAGES_MS + bootMs });
}
