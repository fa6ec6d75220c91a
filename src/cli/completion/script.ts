import { installation } from '../program/installation.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** Returns the completion script for a shell. */
export async function completionScript(shell: string): Promise<string> {
  const file = await (await installation()).file(`templates/completion/mothership.${shell}`, shell);
  return file.content.toString('utf8');
}
