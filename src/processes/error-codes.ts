import { own } from '#values/own.ts';
import type { AppErrors } from '#api';

type ErrorInfo = Pick<AppErrors['errors'][number], 'level' | 'title'>;

const critical = (title: string): ErrorInfo => ({ level: 'critical', title });
const warning = (title: string): ErrorInfo => ({ level: 'warning', title });

/** Heroku's codes with their words (devcenter.heroku.com/articles/error-codes); H30 and R20 are Mothership's. */
const CODES: Readonly<Record<string, ErrorInfo>> = {
  H10: critical('App crashed'),
  H12: critical('Request timeout'),
  H13: critical('Connection closed without response'),
  H14: critical('No web processes running'),
  H15: warning('Idle connection'),
  H17: warning('Poorly formatted HTTP response'),
  H18: critical('Server request interrupted'),
  H25: warning('HTTP restriction: response headers too large'),
  H26: warning('Request error'),
  H27: { level: 'info', title: 'Client request interrupted' },
  H28: warning('Client connection idle'),
  H30: warning('Interim response (1xx)'),
  H80: warning('Maintenance mode'),
  H99: critical('Platform error'),
  R15: critical('Memory quota vastly exceeded'),
  R20: critical('Disk nearly full'),
};

export function errorInfo(code: string): ErrorInfo {
  const exit = /^exit (\d+)$/.exec(code)?.[1];
  return own(CODES, code) ?? critical(exit ? `Exited with code ${exit}` : 'Failed to start');
}
