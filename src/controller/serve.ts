import type { FastifyInstance } from 'fastify';

/** Less than the time an orchestrator waits before it kills. */
const STOP_LIMIT_MS = 9_500;

interface ServeOptions {
  readonly app: FastifyInstance;
  readonly platform: { start(): Promise<void>; stop(): Promise<void> };
  readonly port: number;
  readonly process: Pick<NodeJS.Process, 'once' | 'exit'>;
  readonly logger: { info(facts: object, message: string): void; error(facts: object, message: string): void };
}

/** Serves until SIGTERM or SIGINT, then finishes open requests, stops the platform and exits within 10 s. */
export async function serve({ app, platform, port, process, logger }: ServeOptions): Promise<void> {
  const stop = async (signal: string): Promise<void> => {
    logger.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    try {
      await app.close();
      await platform.stop();
      process.exit(0);
    } catch (error) {
      logger.error({ err: error }, 'did not stop in time');
      process.exit(1);
    }
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal));
  await platform.start();
  await app.listen({ port, host: '0.0.0.0' });
  logger.info({ port }, 'listening');
}
