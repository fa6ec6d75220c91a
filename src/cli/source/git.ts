import type { Readable } from 'node:stream';
import { mapHeaders, readTar, type TarEntry } from '#archive';
import { fail } from '#errors';
import type { Io } from '../program/io.ts';
import { runProgram, startProgram } from '../files/programs.ts';
import { everything, type SourceScope } from '#api/source-root.ts';
import { isProjectFile } from './entries.ts';
import { IgnoreRules } from './ignore-rules.ts';
import { SourceArchive } from './pack.ts';
import { withSubmodules, type Checkout } from './submodules.ts';

/**
 * Returns the short id of the checked-out commit, with `-dirty` if files differ; undefined outside a repository or
 * without git.
 */
export async function describeHead(folder: string, io: Io): Promise<string | undefined> {
  const [head, changes] = await Promise.all([
    runProgram(['git', 'rev-parse', '--short', 'HEAD'], io, { cwd: folder }),
    runProgram(['git', 'status', '--porcelain', '--untracked-files=no'], io, { cwd: folder }),
  ]);
  if (head.exitCode !== 0) return undefined;
  return changes.exitCode === 0 && changes.stdout.trim() ? `${head.stdout}-dirty` : head.stdout;
}

/**
 * Packs the folder as of a commit, branch or tag, with its submodules. `scope`: the app's part of it. Throws
 * GIT_FAILED, SUBMODULE_MISSING or SOURCE_NAME_INVALID.
 */
export async function packGitRef(
  folder: string,
  ref: string,
  io: Io,
  scope: SourceScope = everything,
): Promise<SourceArchive> {
  const commit = await runProgram(
    ['git', 'rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`],
    io,
    { cwd: folder },
  );
  if (commit.exitCode !== 0)
    throw fail('GIT_FAILED', {
      what: `find "${ref}"`,
      why: lastLine(commit.stderr) || 'no such commit, branch or tag',
    });
  const slugignore = await runProgram(
    ['git', 'show', `${commit.stdout}:./${scope.root ? `${scope.root}/` : ''}.slugignore`],
    io,
    { cwd: folder },
  );
  const rules = IgnoreRules.ofSlug(slugignore.exitCode === 0 ? slugignore.stdout : '', scope.root);
  const isLeftOut = (path: string, isFolder: boolean): boolean =>
    isProjectFile(path, scope) || !scope.takes(path) || isIgnored(path, isFolder, rules);
  const checkouts = await withSubmodules(
    { folder, commit: commit.stdout, prefix: '' },
    { ref, io, isLeftOut: (path) => !scope.leadsTo(path) || isIgnored(path, true, rules) },
  );
  return new SourceArchive(async function* () {
    for (const checkout of checkouts) yield* entriesOf(checkout, { ref, io, isLeftOut });
  });
}

interface Selection {
  readonly ref: string;
  readonly io: Io;
  readonly isLeftOut: (path: string, isFolder: boolean) => boolean;
}

async function* entriesOf(
  { folder, commit, prefix }: Checkout,
  { ref, io, isLeftOut }: Selection,
): AsyncGenerator<TarEntry> {
  const archive = await startProgram(
    ['git', '-c', 'tar.umask=0022', 'archive', '--format=tar', `--prefix=${prefix}`, commit],
    io,
    { cwd: folder },
  );
  yield* mapHeaders(readTar(archive.stdout as Readable), (header) => {
    const path = header.name.replace(/\/$/, '');
    if (isLeftOut(path, header.type === 'directory')) return undefined;
    if (path.includes('\uFFFD')) throw fail('SOURCE_NAME_INVALID', { file: path, what: 'the name' });
    return header;
  });
  const { exitCode, stderr } = await archive.ended;
  if (exitCode !== 0) throw fail('GIT_FAILED', { what: `pack "${ref}"`, why: lastLine(stderr) });
}

function isIgnored(path: string, isFolder: boolean, rules: IgnoreRules): boolean {
  const parents = path
    .split('/')
    .slice(0, -1)
    .map((_part, index, parts) => parts.slice(0, index + 1).join('/'));
  return rules.ignores(path, isFolder) || parents.some((parent) => rules.ignores(parent, true));
}

function lastLine(text: string): string {
  return (
    text
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^fatal: /, '') ?? ''
  );
}
