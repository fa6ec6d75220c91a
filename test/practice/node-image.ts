import { BASE_IMAGE, ensureLabImage } from '../lab/index.ts';
import { HOST_SOCKET, dockerArgv, must } from '../lab/command.ts';

const TAG = 'mothership-test/node:latest';

/** The node's image on the host's engine, on the lab's base: built once, then the engine has it. */
export async function nodeImage(): Promise<string> {
  await ensureLabImage(BASE_IMAGE);
  const argv = ['build', '-q', '--build-arg', `BASE=${BASE_IMAGE}`, '-t', TAG, 'templates/images/node'];
  await must(dockerArgv(HOST_SOCKET, argv), { env: { DOCKER_BUILDKIT: '0' } });
  return TAG;
}
