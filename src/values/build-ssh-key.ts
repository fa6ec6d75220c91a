/** Config var with the private key by which builds fetch packages from Git. No process of the app gets it. */
export const BUILD_SSH_KEY = 'MOTHERSHIP_BUILD_SSH_KEY';

/** The key as a file that ssh reads: one line per line, also if the value has `\n` or Windows' line ends instead. */
export function privateKeyFile(value: string): string {
  const lines = value.includes('\n') ? value : value.replaceAll('\\n', '\n');
  return `${lines.replaceAll('\r', '').trim()}\n`;
}
