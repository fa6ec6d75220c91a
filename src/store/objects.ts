import type { ConfigObject, Configs, Labels } from '#engine';
import { label } from '#labels.ts';
import { fail, isMothershipError } from '#errors';

type Kind = 'app' | 'release' | 'build' | 'token' | 'cluster' | 'settings';

/** Enough for a burst of writers on one object; each round trip takes a few milliseconds. */
const ATTEMPTS = 20;

/**
 * Records as Swarm configs. A config's data is immutable, its labels are guarded by a version: changing data is stored
 * in the label `mothership.record`, immutable data in the config's data.
 */
export class SwarmObjects {
  constructor(private readonly engine: Configs) {}

  /** `keyPrefix`: prefix of the keys, so that Swarm does not scan all objects. */
  async list(kind: Kind, labels: Labels = {}, keyPrefix = ''): Promise<ConfigObject[]> {
    return this.engine.configs({ [label.kind]: kind, ...labels }, objectName(kind, keyPrefix));
  }

  async find(kind: Kind, key: string): Promise<ConfigObject | undefined> {
    const object = await this.engine.config(objectName(kind, key));
    return object?.labels[label.kind] === kind ? object : undefined;
  }

  /** Returns false if the key is taken. */
  async create(
    kind: Kind,
    key: string,
    content: { labels?: Labels; record?: unknown; data?: unknown },
  ): Promise<boolean> {
    const labels = {
      ...content.labels,
      [label.kind]: kind,
      ...(content.record === undefined ? {} : { [label.record]: JSON.stringify(content.record) }),
    };
    // Swarm rejects a config without data.
    const data = Buffer.from(JSON.stringify(content.data ?? null));
    try {
      await this.engine.createConfig({ name: objectName(kind, key), labels, data });
      return true;
    } catch (error) {
      if (isMothershipError(error, 'ENGINE_NAME_TAKEN')) return false;
      throw error;
    }
  }

  /** Compare-and-swap of the labels; returns undefined if the object is gone. */
  async update<T>(
    kind: Kind,
    key: string,
    change: (object: ConfigObject) => { labels: Labels; result: T },
  ): Promise<T | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const object = await this.find(kind, key);
      if (!object) return undefined;
      const { labels, result } = change(object);
      try {
        await this.engine.updateConfigLabels(object.id, object.version, { ...object.labels, ...labels });
        return result;
      } catch (error) {
        if (!isMothershipError(error, 'CONFLICT')) throw error;
      }
    }
    throw fail('CONFLICT', { what: `The ${kind} ${key}` });
  }

  async remove(kind: Kind, key: string): Promise<void> {
    await this.engine.removeConfig(objectName(kind, key));
  }
}

/** The mutable part of an object. */
export function recordOf<T>(object: ConfigObject): T {
  return JSON.parse(object.labels[label.record] ?? 'null') as T;
}

/** The immutable part. */
export function dataOf<T>(object: ConfigObject): T {
  return JSON.parse(object.data.toString('utf8')) as T;
}

export function withRecord(record: unknown): Labels {
  return { [label.record]: JSON.stringify(record) };
}

function objectName(kind: Kind, key: string): string {
  return `mothership-${kind}-${key}`;
}
