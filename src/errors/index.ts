export { catalogue, type ErrorCode } from './catalogue/index.ts';
export { ExitCode, type Entry, type Fault } from './entry.ts';
export { fail, fromBody, isMothershipError, MothershipError, type ErrorBody } from './mothership-error.ts';
