import { KIND } from '#labels.ts';
import { defined } from '#values/defined.ts';
import type { Engine } from '#engine';
import { fail, isMothershipError } from '#errors';
import { BaseImage, type BaseImageParts } from './base-image.ts';
import { contextTar, type ImageRecipe } from './image-recipe.ts';
import { labelsOf } from '../names.ts';

/** More in parallel only compete: they unpack packages. */
const AT_ONCE = 2;
const LAST_LINES = 15;

export interface ImageBuildsParts extends Omit<BaseImageParts, 'onLine' | 'labels'> {
  readonly engine: Engine;
  readonly cluster: string;
  readonly mirror?: string | undefined;
  readonly onLine: (image: string, line: string) => void;
  /** Wraps each build to report its start and end. */
  readonly timed: (image: string, work: () => Promise<string | undefined>) => Promise<void>;
}

/** Builds the platform's images in parallel, each after its parent. */
export class ImageBuilds {
  readonly #pending: Set<ImageRecipe>;
  readonly #unfinished: Set<string>;

  constructor(
    private readonly parts: ImageBuildsParts,
    recipes: readonly ImageRecipe[],
  ) {
    this.#pending = new Set(recipes);
    this.#unfinished = new Set(recipes.map((recipe) => recipe.tag));
  }

  /** Throws the first failure after all running builds have finished. */
  async run(): Promise<void> {
    const running = new Map<ImageRecipe, Promise<void>>();
    const failures: unknown[] = [];
    while (this.#pending.size + running.size > 0) {
      while (failures.length === 0 && running.size < AT_ONCE) {
        const recipe = this.#next();
        if (!recipe) break;
        running.set(
          recipe,
          this.#make(recipe)
            .catch((error: unknown) => void failures.push(error))
            .finally(() => running.delete(recipe)),
        );
      }
      if (running.size === 0) break;
      await Promise.race(running.values());
    }
    if (failures.length > 0) throw failures[0] as Error;
  }

  #next(): ImageRecipe | undefined {
    const recipe = [...this.#pending].find((each) => !each.parent || !this.#unfinished.has(each.parent));
    if (recipe) this.#pending.delete(recipe);
    return recipe;
  }

  async #make(recipe: ImageRecipe): Promise<void> {
    this.parts.signal?.throwIfAborted();
    await this.parts.timed(recipe.name, async () => (recipe.parent ? this.#build(recipe) : this.#base(recipe)));
    this.#unfinished.delete(recipe.tag);
  }

  async #base(recipe: ImageRecipe): Promise<string> {
    const { mirror, cluster, onLine } = this.parts;
    const base = new BaseImage({
      ...this.parts,
      labels: labelsOf(cluster, KIND.platformImage),
      onLine: (line) => onLine(recipe.name, line),
    });
    return base.make(recipe, mirror);
  }

  async #build(recipe: ImageRecipe): Promise<undefined> {
    const { engine, cluster, signal, onLine } = this.parts;
    const { tag, buildArgs, dockerfile, target, files, name } = recipe;
    const last: string[] = [];
    const hear = (line: string): void => {
      if (last.push(line) > LAST_LINES) last.shift();
      onLine(name, line);
    };
    const options = {
      tag,
      buildArgs,
      labels: labelsOf(cluster, KIND.platformImage),
      ...defined({ dockerfile, target, signal }),
    };
    try {
      await engine.buildImage(contextTar(files), options, hear);
    } catch (error) {
      if (isMothershipError(error, 'DOCKERFILE_FAILED'))
        throw fail('SETUP_IMAGE_FAILED', { image: name, why: error.message, lines: last }, error);
      throw error;
    }
  }
}
