/**
 * The controller on a real Swarm whose tasks wait for a node but appear to it as running; everything else is real. Reads its
 * engine's socket, data folder, port and the routers' token from the environment.
 */
import { pino } from 'pino';
import { buildController } from '../../src/controller/app.ts';
import { serve } from '../../src/controller/serve.ts';
import { dockerEngine, type Engine } from '../../src/engine/index.ts';
import { Secret, systemClock } from '../../src/events/index.ts';
import { createPlatform } from '../../src/platform/create.ts';

const { SOCKET: socketPath = '', DATA: dataDir = '', PORT: port = '', TOKEN: token = '' } = process.env;
const logger = pino({ level: 'warn' });
const engine = dockerEngine({ socketPath });
const real = engine.tasks.bind(engine);
engine.tasks = async (filter) => (await real(filter)).map((task) => ({ ...task, state: 'running' as const }));
const platform = await createPlatform({
  engine: engine as Engine,
  dataDir,
  clock: systemClock,
  logger,
  version: 'bench',
  routerToken: new Secret(token),
  probe: () => Promise.resolve('accepted' as const),
  box: '',
});
await serve({
  app: buildController({ platform, version: 'bench', logger, clock: systemClock }),
  platform,
  port: Number(port),
  process,
  logger,
});
