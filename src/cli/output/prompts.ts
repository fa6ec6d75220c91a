import { fail } from '#errors';
import type { Question } from '#events';
import { isInteractive, type Io } from '../program/io.ts';
import { clean } from './text.ts';

const TYPES = { confirm: 'confirm', text: 'input', secret: 'password', choice: 'select' } as const;

/** Prompts on the terminal. Throws ANSWER_NEEDED, naming the flag, without a terminal, and CANCELLED on Ctrl-C. */
export async function ask(io: Io, question: Question & { kind: 'confirm' }): Promise<boolean>;
export async function ask(io: Io, question: Question & { kind: 'text' | 'secret' | 'choice' }): Promise<string>;
export async function ask(io: Io, question: Question): Promise<string | boolean> {
  if (!isInteractive(io)) throw fail('ANSWER_NEEDED', { question: question.message, flag: question.flag });
  const { default: inquirer } = await import('inquirer');
  const prompt = inquirer.createPromptModule({
    input: io.stdin as NodeJS.ReadStream,
    output: io.stderr as NodeJS.WriteStream,
  });
  try {
    const { answer } = (await prompt([asked(question)] as never)) as { answer: string | boolean };
    return answer;
  } catch (error) {
    if ((error as Error).name === 'ExitPromptError') throw fail('CANCELLED', { what: 'The command' }, error);
    throw error;
  }
}

function asked(question: Question): Record<string, unknown> {
  return {
    type: TYPES[question.kind],
    name: 'answer',
    message: clean(question.message),
    ...('initial' in question && question.initial !== undefined ? { default: question.initial } : {}),
    ...(question.kind === 'choice'
      ? { choices: question.options.map((value) => ({ value, name: clean(value) })) }
      : {}),
    ...(question.kind === 'secret' ? { mask: true } : {}),
  };
}

/** Confirms a destructive action: the name must be typed, or given with --confirm. Throws CONFIRM_MISMATCH. */
export async function confirmName(io: Io, name: string, given: string | undefined, warning: string): Promise<string> {
  if (given === undefined && isInteractive(io)) io.stderr.write(` ›   Warning: ${clean(warning)}\n`);
  const answer =
    given ?? (await ask(io, { kind: 'text', message: `To proceed, type ${name}:`, flag: `--confirm ${name}` }));
  if (answer !== name) throw fail('CONFIRM_MISMATCH', { app: name, given: answer });
  return answer;
}
