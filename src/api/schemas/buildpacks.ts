import { z } from 'zod';

export const buildpack = z.object({
  position: z.number().int().describe('Starts at 1, in the order they run'),
  name: z.string().describe('As given when it was set'),
  kind: z
    .enum(['stack', 'git', 'archive'])
    .describe("stack: the stack's own buildpack of that name; otherwise like git"),
  url: z.string().nullable(),
  ref: z.string().nullable().describe("Branch, tag or commit; null: the repository's default branch"),
  version: z.string().nullable().describe('What the newest successful build used: a version, a commit or a digest'),
});

const index = z.number().int().min(1).max(1000).optional().describe('Starts at 1; past the end means last');
const name = z.string().min(1).max(1000);

export const buildpacksUpdateBody = z.discriminatedUnion('action', [
  z
    .object({ action: z.literal('set'), buildpack: name, index })
    .describe('Replaces the buildpack at this index, by default the first'),
  z
    .object({ action: z.literal('add'), buildpack: name, index })
    .describe('Inserts it before the one at this index, by default last'),
  z.object({ action: z.literal('remove'), buildpack: name.optional(), index }),
  z.object({ action: z.literal('clear') }),
]);

export const testsCreateQuery = z.object({
  ref: z.string().max(200).optional(),
  repository: z
    .stringbool()
    .optional()
    .describe("The archive holds the whole repository; for an app with a root, only the app's part is built"),
});

export type Buildpack = z.infer<typeof buildpack>;
