import { ensureHostEngine, ensureLabImage, BASE_IMAGE } from '../../lab/index.ts';
import { hostDocker } from '../../lab/command.ts';

const TAG = 'mothership-test/router';
let built: Promise<string> | undefined;

async function build(): Promise<string> {
  await ensureHostEngine();
  await ensureLabImage(BASE_IMAGE);
  const argv = ['build', '-q', '--build-arg', `BASE=${BASE_IMAGE}`, '-t', TAG, 'templates/images/router'];
  await hostDocker(argv, { env: { DOCKER_BUILDKIT: '0' } });
  return TAG;
}

/** The router's image from the sources, on the host's engine: built once per process. */
export function routerImage(): Promise<string> {
  return (built ??= build());
}
