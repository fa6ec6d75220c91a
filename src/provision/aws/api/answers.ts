import type { EC2Client } from '@aws-sdk/client-ec2';

type Middleware = Parameters<EC2Client['middlewareStack']['add']>[0];
type Handler = (args: unknown) => Promise<{ response: unknown; output: never }>;

/** An answer that is not EC2's: a proxy's page, for example, or nothing. */
export class StrangeAnswer extends Error {
  override readonly name = 'StrangeAnswer';
  /** Where the SDK's retry strategy finds the status. */
  readonly $metadata: { readonly httpStatusCode: number };

  constructor(
    readonly status: number,
    what: string,
  ) {
    super(what);
    this.$metadata = { httpStatusCode: status };
  }
}

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  body: unknown;
}

/**
 * Refuses answers that are not EC2's before the SDK parses them: to its parser, a page of HTML or an empty answer is a
 * list without entries, and machines that run would seem to be gone. Throws StrangeAnswer.
 */
export const expectEc2 = ((next: Handler, context: { readonly commandName?: string }): Handler =>
  async (args) => {
    const result = await next(args);
    const answer = result.response as Answer;
    const body = await collected(answer.body as AsyncIterable<Uint8Array>);
    const root = answer.statusCode < 300 ? `${context.commandName?.replace(/Command$/, '')}Response` : 'Response';
    if (rootOf(body) !== root) throw new StrangeAnswer(answer.statusCode, describe(body, answer.headers));
    answer.body = body;
    return result;
  }) as unknown as Middleware;

async function collected(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function rootOf(body: Buffer): string | undefined {
  return /^\s*(?:<\?xml[^>]*>\s*)?<(\w+)/.exec(body.subarray(0, 1_000).toString())?.[1];
}

function describe(body: Buffer, { 'content-type': type = '' }: Answer['headers']): string {
  if (body.length === 0) return 'the answer is empty';
  const kind =
    /html/i.test(type) || /^\s*<(!doctype )?html/i.test(body.subarray(0, 100).toString()) ? 'an HTML page' : '';
  return `the answer is ${kind || 'not in the format of EC2'}`;
}
