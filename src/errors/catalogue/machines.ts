import { failure } from '../entry.ts';

export const machines = {
  MACHINE_FILE_FAILED: failure<{ machine: string; path: string; why: string }>(502, 'platform', (p) => `${p.path} on ${p.machine} could not be written: ${p.why}.`,
    () => 'Mothership writes as root: log in as root, or give that user sudo without a password.'),
};
