import type { Readable } from 'node:stream';
import { mapHeaders, readTar, type Header } from '#archive';
import { fail } from '#errors';
import type { Io } from '../program/io.ts';
import { runProgram, startProgram } from '../files/programs.ts';
import { everything, type SourceScope } from '#api/source-root.ts';
import { isProjectFile } from './entries.ts';
import { IgnoreRules } from './ignore-rules.ts';
import { SourceArchive } from './pack.ts';

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

/** Packs the folder as of a commit, branch or tag. `scope`: the app's part of it. Throws GIT_FAILED. */
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
  const isLeftOut = ({ name, type }: Header): boolean => {
    const path = name.replace(/\/$/, '');
    return isProjectFile(path, scope) || !scope.takes(path) || isIgnored(path, type === 'directory', rules);
  };
  return new SourceArchive(async function* () {
    const archive = await startProgram(['git', '-c', 'tar.umask=0022', 'archive', '--format=tar', commit.stdout], io, {
      cwd: folder,
    });
    const entries = readTar(archive.stdout as Readable);
    yield* mapHeaders(entries, (header) => (isLeftOut(header) ? undefined : header));
    const { exitCode, stderr } = await archive.ended;
    if (exitCode !== 0) throw fail('GIT_FAILED', { what: `pack "${ref}"`, why: lastLine(stderr) });
  });
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
