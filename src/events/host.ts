import type { Event } from './events.ts';

export type Question =
  | { readonly kind: 'confirm'; readonly message: string; readonly flag: string; readonly initial?: boolean }
  | { readonly kind: 'text'; readonly message: string; readonly flag: string; readonly initial?: string }
  | { readonly kind: 'secret'; readonly message: string; readonly flag: string }
  | { readonly kind: 'choice'; readonly message: string; readonly flag: string; readonly options: readonly string[] };

/** The library's only access to the user. Each question names the flag that answers it. */
export interface Host {
  notify(event: Event): void;
  ask(question: Question & { kind: 'confirm' }): Promise<boolean>;
  ask(question: Question): Promise<string | boolean>;
}
