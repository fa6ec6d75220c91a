import { z } from 'zod';

/** What a name in a path may be: enough for apps, ids and host names, nothing that a path or a shell reads as more. */
export const pathParameter = z
  .string()
  .regex(/^(?!\.{1,2}$)[\p{L}\p{N}._*@+:-]{1,253}$/u, 'may contain only letters, digits and . _ * @ + : -');
