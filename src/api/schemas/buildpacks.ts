import { z } from 'zod';

export const buildpack = z.object({
  position: z.number().int().describe('From 1, in the order in which they run'),
  name: z.string().describe('As it was set'),
  kind: z.enum(['stack', 'git', 'archive']).describe("stack: the stack's own of that name; where it has none, as git"),
  url: z.string().nullable(),
  ref: z.string().nullable().describe("Branch, tag or commit; null: the repository's default branch"),
  version: z.string().nullable().describe('What the newest good build used: a version, a commit, a digest'),
});

const index = z.number().int().min(1).max(1000).optional().describe('From 1; past the end means the end');
const name = z.string().min(1).max(1000);

export const buildpacksUpdateBody = z.discriminatedUnion('action', [
  z
    .object({ action: z.literal('set'), buildpack: name, index })
    .describe('Replaces the one at the index, by default the first'),
  z
    .object({ action: z.literal('add'), buildpack: name, index })
    .describe('Puts it before the one at the index, by default last'),
  z.object({ action: z.literal('remove'), buildpack: name.optional(), index }),
  z.object({ action: z.literal('clear') }),
]);

export const testsCreateQuery = z.object({
  ref: z.string().max(200).optional(),
  repository: z
    .stringbool()
    .optional()
    .describe("The archive is of the repository: of an app with a root only what is the app's is taken"),
});

export type Buildpack = z.infer<typeof buildpack>;
