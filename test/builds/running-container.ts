import type { FakeEngine } from '../fakes/fake-engine.ts';

/** A container that runs until it is killed, and what these programs print in it, a line each; a function is asked each time. */
export async function runningContainer(
  engine: FakeEngine,
  said: Readonly<Record<string, readonly string[] | (() => readonly string[])>>,
): Promise<string> {
  for (const [program, lines] of Object.entries(said)) {
    engine.program(
      ({ entrypoint }) => entrypoint?.[0] === program,
      ({ out }) => {
        (typeof lines === 'function' ? lines() : lines).forEach(out);
        return 0;
      },
    );
  }
  engine.program(
    ({ command }) => command?.[0] === 'forever',
    ({ killed }) => new Promise((resolve) => killed.addEventListener('abort', () => resolve(137))),
  );
  engine.imageStore.add('fake');
  const id = await engine.createContainer({
    image: 'fake',
    labels: {},
    env: {},
    command: ['forever'],
    networks: [{ id: 'none' }],
  });
  await engine.startContainer(id);
  return id;
}
