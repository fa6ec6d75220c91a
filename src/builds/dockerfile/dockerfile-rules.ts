import { isReservedLabel } from '#labels.ts';
import { fail } from '#errors';
import { checkHost, checkImageName, type ImageRules } from '#registry/allowed/image-name.ts';
import type { NamedHost } from '#registry/allowed/addresses.ts';
import { checkFlags, mountOptions } from './dockerfile-flags.ts';
import { parseDockerfile, triggerOf, type Instruction } from './dockerfile.ts';
import { jsonList } from './here-documents.ts';
import { readLabels } from './labels.ts';
import { Scope } from './scope.ts';
import { expand, splitWords, type Expanded, type Lookup } from './words.ts';

export interface DockerfileContext {
  readonly buildArgs: Readonly<Record<string, string>>;
  /** The two images that the build args MOTHERSHIP_RUN_IMAGE and MOTHERSHIP_BUILD_IMAGE name. */
  readonly stackImages: readonly string[];
  /** Registries and servers at private addresses that an admin allowed: `10.0.0.5:5000`. */
  readonly allowedRegistries: readonly string[];
  /** Prefix of the cluster's own images in its registry. */
  readonly ownRegistry?: string | undefined;
  /** Stage to build. */
  readonly target?: string | undefined;
}

const INSTRUCTIONS = new Set(
  (
    'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER ' +
    'VOLUME WORKDIR'
  ).split(' '),
);
const STAGE_NAME = /^[a-z][a-z0-9_.-]*$/i;
const MAX_STAGES = 100;
const MAX_HOSTS = 100;
const AUTHORITY = /^https?:\/\/(?:[^/?#@\s\\]*@)?([^/?#@\s\\]+)(?=[/?#]|$)/;

/**
 * Checks what a Dockerfile asks for, before anything runs. Returns the registries and servers to look up. Throws
 * DOCKERFILE_INVALID, DOCKERFILE_UNSUPPORTED, DOCKERFILE_LABEL_RESERVED, DOCKERFILE_STAGE_MISSING, IMAGE_REFUSED or
 * ADDRESS_PRIVATE, with the line.
 */
export function checkDockerfile(text: string, context: DockerfileContext): readonly NamedHost[] {
  return new Check(text, context).run();
}

class Check {
  readonly #stages: (string | undefined)[] = [];
  readonly #hosts = new Map<string, NamedHost>();
  readonly #rules: ImageRules;
  #scope: Scope;
  readonly #scopes = new Map<string, Scope>();

  constructor(
    private readonly text: string,
    private readonly context: DockerfileContext,
  ) {
    const { allowedRegistries, ownRegistry, stackImages, buildArgs } = context;
    this.#rules = { allowed: allowedRegistries, own: ownRegistry, open: stackImages };
    this.#scope = Scope.global(buildArgs);
  }

  run(): readonly NamedHost[] {
    const { instructions, escape } = parseDockerfile(this.text);
    const global = this.#scope;
    for (const instruction of instructions) {
      this.#checkForm(instruction);
      if (instruction.name === 'FROM') this.#from(instruction, global);
      else this.#instruction(instruction, escape);
    }
    if (this.#stages.length === 0) throw invalid(1, 'it has no FROM');
    this.#checkTarget(this.context.target);
    return [...this.#hosts.values()];
  }

  #checkForm(instruction: Instruction): void {
    const { name, flags, line, hereDocuments } = instruction;
    if (!INSTRUCTIONS.has(name)) throw invalid(line, `"${name.slice(0, 40)}" is not an instruction`);
    // Buildah splits flags at some bytes of other characters.
    if (flags.some((flag) => /[^\x21-\x7e]/.test(flag)))
      throw invalid(line, 'its flags have spaces or special characters');
    if (this.#stages.length === 0 && name !== 'FROM' && name !== 'ARG')
      throw invalid(line, `${name} is before the first FROM`);
    if (name === 'ONBUILD' && hereDocuments.length > 0) throw unsupported(line, 'ONBUILD with a here-document');
  }

  #from(instruction: Instruction, global: Scope): void {
    const { line } = instruction;
    this.#checkFlags(instruction, global);
    const { word, name } = fromParts(instruction);
    if (this.#stages.length >= MAX_STAGES) throw invalid(line, `it has more than ${MAX_STAGES} stages`);
    const image = expand(word, orElse('', global))?.text;
    if (image === undefined) throw unsupported(line, `FROM ${word.slice(0, 80)}`);
    if (image === '') throw invalid(line, `${word} is empty; pass it with --build-arg, or give its ARG a default`);
    const base = this.#stage(image, line);
    if (!base && image !== 'scratch') this.#image(image, line);
    this.#scope = global.stage(base ? this.#scopes.get(base) : undefined);
    this.#stages.push(name);
    if (name !== undefined) this.#scopes.set(name, this.#scope);
  }

  #instruction(instruction: Instruction, escape: string): void {
    const { name, rest, line } = instruction;
    this.#checkFlags(instruction, this.#scope);
    if (name === 'ARG') this.#scope.arg(splitWords(rest, escape));
    if (name === 'ENV') this.#scope.env(rest, splitWords(rest, escape));
    if (name === 'LABEL') checkLabels(readLabels(rest, escape), line);
    if (name === 'COPY' || name === 'RUN') this.#sources(instruction);
    if (name === 'ADD') this.#downloads(instruction);
    const trigger = triggerOf(instruction);
    if (!trigger) return;
    if (['ONBUILD', 'FROM', 'MAINTAINER'].includes(trigger.name)) throw invalid(line, `ONBUILD ${trigger.name}`);
    this.#checkForm(trigger);
    this.#instruction(trigger, escape);
  }

  #checkFlags(instruction: Instruction, scope: Scope): void {
    checkFlags(instruction, orElse('0', scope));
  }

  /** `COPY --from=` and `RUN --mount=…,from=`. */
  #sources({ name, flags, line }: Instruction): void {
    for (const flag of flags) {
      if (name === 'COPY' && flag.startsWith('--from=')) this.#source(flag.slice('--from='.length), line);
      if (name !== 'RUN' || !flag.startsWith('--mount=')) continue;
      if (/(^|[,=])from=[^,]*\$/.test(flag)) throw unsupported(line, 'a variable in from=');
      for (const [option, value = ''] of mountOptions(flag, orElse('0', this.#scope), line))
        if (option === 'from') this.#source(value, line);
    }
  }

  #source(from: string, line: number): void {
    // An image may set a variable that the Dockerfile does not know.
    if (/[$"'\\]/.test(from)) throw unsupported(line, `a variable or quotes in from=${from.slice(0, 80)}`);
    if (/^\d{1,5}$/.test(from)) {
      if (Number(from) >= this.#stages.length - 1) throw invalid(line, `there is no earlier stage ${from}`);
      return;
    }
    if (!this.#stage(from, line)) this.#image(from, line);
  }

  /** Files that ADD fetches. */
  #downloads({ rest, line }: Instruction): void {
    for (const word of (jsonList(rest) ?? rest.split(/[\t\v\f\r ]+/)).slice(0, -1)) {
      const { text, unknownAt } = expand(word, this.#scope.lookup) ?? startOf(word);
      if (/^(git@|git:|ssh:)/.test(text)) throw unsupported(line, `ADD ${word.slice(0, 80)}`);
      const authority = AUTHORITY.exec(text);
      if (
        unknownAt !== undefined &&
        mayBeUrl(text.slice(0, unknownAt)) &&
        !(authority && unknownAt > authority[0].length)
      )
        throw unsupported(line, `ADD ${word.slice(0, 80)} with a variable that it does not set`);
      if (authority) this.#add(checkHost(withoutPort(authority[1]!, text), this.#rules, where(line)));
      else if (/^https?:\/\//.test(text)) throw invalid(line, `"${text.slice(0, 80)}" is not a URL`);
    }
  }

  #image(image: string, line: number): void {
    this.#add(checkImageName(image, this.#rules, where(line)), line);
  }

  #add(host: NamedHost | undefined, line = 1): void {
    if (host) this.#hosts.set(host.host, host);
    if (this.#hosts.size > MAX_HOSTS) throw invalid(line, `it uses more than ${MAX_HOSTS} registries and servers`);
  }

  /** The earlier stage of that name. Buildah tells names of stages apart by case, Docker does not. */
  #stage(name: string, line: number): string | undefined {
    const isSame = (stage: string | undefined): boolean => stage?.toLowerCase() === name.toLowerCase();
    const found = this.#stages.findLast(isSame);
    if (found !== undefined && found !== name) throw invalid(line, `write the name of stage ${found} in the same case`);
    return found;
  }

  #checkTarget(target: string | undefined): void {
    if (target === undefined || this.#stages.includes(target)) return;
    if (/^\d{1,5}$/.test(target) && Number(target) < this.#stages.length) return;
    throw fail('DOCKERFILE_STAGE_MISSING', { stage: target, known: this.#stages.filter((name) => name !== undefined) });
  }
}

function fromParts({ rest, line, flags }: Instruction): { word: string; name: string | undefined } {
  const [word = '', as, name, ...more] = rest.split(/[\t\v\f\r ]+/);
  if (word === '' || (as !== undefined && (as.toLowerCase() !== 'as' || name === undefined)) || more.length > 0)
    throw invalid(line, 'FROM must be: FROM image, or FROM image AS name');
  if (name !== undefined && !STAGE_NAME.test(name)) throw invalid(line, `"${name}" is not a name for a stage`);
  if (flags.length > 1) throw invalid(line, 'FROM has more than one flag');
  return { word, name };
}

function checkLabels(labels: readonly string[], line: number): void {
  for (const label of labels) {
    if (label.includes('$')) throw unsupported(line, `a variable in the name of the label ${label.slice(0, 80)}`);
    if (isReservedLabel(label)) throw fail('DOCKERFILE_LABEL_RESERVED', { line, label: label.slice(0, 80) });
  }
}

/** For a word that cannot be expanded: what precedes its first variable. */
function startOf(word: string): Expanded {
  const text = /^[^$"'\\]*/.exec(word)![0];
  return { text, unknownAt: text.length };
}

/** Whether a text that starts like this may be a URL with an unknown server. */
function mayBeUrl(start: string): boolean {
  return ['http://', 'https://'].some((scheme) => scheme.startsWith(start) || start.startsWith(scheme));
}

/** `other`: what stands for an unknown value. */
function orElse(other: string, scope: Scope): Lookup {
  return (name) => scope.lookup(name) ?? other;
}

function withoutPort(host: string, url: string): string {
  return url.startsWith('https:') ? host.replace(/:443$/, '') : host.replace(/:80$/, '');
}

function where(line: number): string {
  return `line ${line} of the Dockerfile`;
}

function invalid(line: number, why: string): Error {
  return fail('DOCKERFILE_INVALID', { line, why });
}

function unsupported(line: number, what: string): Error {
  return fail('DOCKERFILE_UNSUPPORTED', { line, what });
}
