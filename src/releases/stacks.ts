import type { ReleasePorts } from './ports.ts';
import { own } from '#values/own.ts';
import type { Operation, Stack } from '#api';
import { imageRepository, Relay } from '#builds';
import { fail, isMothershipError } from '#errors';
import { inPhase } from '#events';
import { appRepository } from '#registry';
import type { AppRecord, ReleaseRecord } from '#store';
import { beginChange } from '#apps/app-change.ts';
import { stackRepositories } from '#registry/needed-images.ts';
import { inTurn } from '#operations/app-turn.ts';
import { Operations, type OperationRun } from '#operations/operations.ts';
import type { ReleaseFlow } from './release-flow.ts';
import type { Caller } from '#access/caller.ts';

/** The base images of apps: which one, whether a newer one is available, and rebasing onto it. */
export class Stacks {
  constructor(
    private readonly parts: ReleasePorts,
    private readonly flow: ReleaseFlow,
  ) {}

  async info(app: string): Promise<Stack> {
    const record = await this.parts.store.apps.get(app);
    const [live, current] = await Promise.all([this.flow.liveRelease(record), this.#runImage(record.stack)]);
    return {
      app,
      stack: record.stack,
      runImage: live?.runImage ?? null,
      current,
      behind: isOnStack(live) && live.runImage !== current,
    };
  }

  /** Throws STACK_UPDATE_REFUSED or APP_HAS_NO_RELEASE. */
  update(app: string, caller: Caller): Promise<Operation> {
    const check = async (record: AppRecord): Promise<void> => {
      const live = await this.flow.liveRelease(record);
      if (!live?.image) throw fail('APP_HAS_NO_RELEASE', { app });
      if (!isOnStack(live))
        throw fail('STACK_UPDATE_REFUSED', {
          app,
          why:
            live.kind === 'dockerfile' ? 'its base image is defined by its Dockerfile' : 'it was deployed as an image',
        });
    };
    return beginChange(this.parts, { kind: 'stack', app, caller, check }, async (record, work) => {
      const release = await this.#update(record, caller.user, work);
      return { app, release: release?.version ?? record.live?.release ?? null, updated: release !== undefined };
    });
  }

  /** Updates one app at a time; an app that fails to start keeps its old release and does not block the rest. */
  updateAll(caller: Caller): Promise<Operation> {
    const { operations } = this.parts;
    return operations.begin(
      Operations.newId(),
      { kind: 'stack', subject: { kind: 'apps', name: 'all apps' }, by: caller.user },
      (work) => this.#updateAll(caller.user, work),
    );
  }

  async #updateAll(by: string, work: OperationRun): Promise<Record<string, unknown>> {
    const updated: string[] = [];
    const failed: { app: string; why: string }[] = [];
    for (const app of (await this.parts.store.apps.list()).sort((a, b) => a.name.localeCompare(b.name))) {
      if (!(await this.#isBehind(app))) continue;
      work.emit({ type: 'notice', level: 'info', message: `Updating the stack of ${app.name}` });
      try {
        const update = (record: AppRecord, part: OperationRun) => this.#update(record, by, part);
        if (await inTurn(this.parts.leases, app.id, { kind: 'stack', by }, work, update)) updated.push(app.name);
      } catch (error) {
        work.signal.throwIfAborted();
        if (!isMothershipError(error)) throw error;
        failed.push({ app: app.name, why: error.message });
        work.emit({ type: 'notice', level: 'warning', message: `Skipping ${app.name}: ${error.message}` });
      }
    }
    if (failed.length > 0) throw fail('STACK_UPDATE_PARTIAL', { updated, failed });
    return { updated };
  }

  /** Returns the new release; undefined if the app is up to date. Requires the app's lease. */
  async #update(record: AppRecord, by: string, work: OperationRun): Promise<ReleaseRecord | undefined> {
    const { clock } = this.parts;
    const [live, runImage] = await Promise.all([this.flow.liveRelease(record), this.#runImage(record.stack)]);
    if (!isOnStack(live) || live.runImage === runImage) return undefined;
    const image = await inPhase('image', () => this.#relay(record, live.image, runImage, work), {
      clock,
      emit: work.emit,
    });
    return this.flow.release(record, { ...live, image, runImage, description: 'Stack updated', by }, work);
  }

  async #relay(
    { id, name, stack }: AppRecord,
    image: string,
    runImage: string,
    { id: operation, signal }: OperationRun,
  ): Promise<string> {
    const { engine, images } = this.parts;
    await images.ensure(appRepository(id), image, { signal });
    await images.ensure(stackRepositories(stack).run, runImage, { signal });
    return new Relay(engine).run({
      app: { id, name },
      image,
      runImage,
      buildId: operation,
      tag: { repository: imageRepository(id), tag: `${operation}-stack` },
    });
  }

  async #isBehind(app: AppRecord): Promise<boolean> {
    const live = await this.flow.liveRelease(app);
    return isOnStack(live) && live.runImage !== (await this.#runImage(app.stack));
  }

  /** As last written by setup, possibly after this controller started. */
  async #runImage(stack: string): Promise<string> {
    const { store, cluster } = this.parts;
    const { stacks } = (await store.cluster.get()) ?? cluster;
    const found = own(stacks, stack);
    if (!found) throw fail('STACK_UNKNOWN', { stack, known: Object.keys(stacks) });
    return found.runImage;
  }
}

/** Other kinds have their own base images. */
function isOnStack(live: ReleaseRecord | undefined): live is ReleaseRecord & { image: string } {
  return live?.kind === 'buildpacks' && live.image !== null;
}
