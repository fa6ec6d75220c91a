import { request } from 'node:http';
import { controllerHost } from './names.ts';
import type { Settings } from './options.ts';

const TIMEOUT_MS = 3_000;

export interface Health {
  readonly ok: boolean;
  /** In words, when it is not. */
  readonly why: string;
}

/** Asks the controller for its health as a user's request would reach it: at the router's port, by its host name. */
export function healthAt({ address, httpPort, domain }: Pick<Settings, 'address' | 'httpPort' | 'domain'>): Promise<Health> {
  return new Promise((resolve) => {
    const options = { host: address, port: httpPort, path: '/health', headers: { host: controllerHost(domain) }, timeout: TIMEOUT_MS };
    const call = request(options, (response) => {
      response.resume();
      const ok = response.statusCode === 200;
      resolve({ ok, why: ok ? '' : `the router answers ${response.statusCode}` });
    });
    call.once('timeout', () => call.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    call.once('error', (error) => resolve({ ok: false, why: error.message }));
    call.end();
  });
}
