import { z } from 'zod';

/** Allowed in a path parameter: enough for apps, ids and host names, but nothing with a meaning in paths or shells. */
export const pathParameter = z
  .string()
  .regex(/^(?!\.{1,2}$)[\p{L}\p{N}._*@+:-]{1,253}$/u, 'may contain only letters, digits and . _ * @ + : -');
