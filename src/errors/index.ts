export { catalogue } from './catalogue/index.ts';
export { ExitCode } from './entry.ts';
export { fail, fromBody, isMothershipError, MothershipError, type ErrorBody } from './mothership-error.ts';
