import type { Route, RouteRelease } from '../../../src/router/index.ts';
import { FakeController } from './fake-controller.ts';
import { RealRouter } from './real-router.ts';
import { SilentApp } from './silent-app.ts';
import { TestApp, closedPort } from './test-app.ts';

interface Peered {
  readonly peer: { host: string; port: number };
}

/** A release of these processes. */
export function release(id: string, apps: readonly Peered[], weight = 1): RouteRelease {
  return { id, weight, peers: apps.map((app) => app.peer) };
}

/** A route of a host (`www.test` or `www.test/api`) to a release. */
export function to(address: string, releases: readonly RouteRelease[], more: Partial<Route> = {}): Route {
  const [host = '', ...path] = address.split('/');
  return { host, path: `/${path.join('/')}`, app: releases[0]?.id.replace(/-\d+$/, '') ?? 'app', releases, ...more };
}

/** A controller, a router and apps for one describe block; `stop` ends whatever was started. */
export class Rig {
  readonly controller: FakeController;
  readonly router: RealRouter;
  readonly #apps: (TestApp | SilentApp)[] = [];

  private constructor(controller: FakeController, router: RealRouter) {
    this.controller = controller;
    this.router = router;
  }

  static async start(env: Record<string, string> = {}, dockerOptions: readonly string[] = []): Promise<Rig> {
    const controller = await new FakeController().start();
    return new Rig(controller, await RealRouter.start(controller, env, dockerOptions));
  }

  async app(name: string, listener?: ConstructorParameters<typeof TestApp>[1]): Promise<TestApp> {
    const app = await new TestApp(name, listener).start();
    this.#apps.push(app);
    return app;
  }

  /** A task that is gone: its address refuses connections. */
  async dead(): Promise<Peered> {
    return { peer: { host: '127.0.0.1', port: await closedPort() } };
  }

  /** A task on a machine that was cut off: its address does not answer at all. */
  async silent(): Promise<Peered> {
    const app = await new SilentApp().start();
    this.#apps.push(app);
    return app;
  }

  async stop(): Promise<void> {
    await this.router.stop();
    await Promise.all(this.#apps.map((app) => app.stop()));
    await this.controller.stop();
  }
}
