import { fileURLToPath } from 'node:url';
import { InstalledFiles } from '#cluster/images/package-files.ts';

/** The package that this program runs from. */
export const installation = (): Promise<InstalledFiles> => InstalledFiles.around(fileURLToPath(import.meta.url));
