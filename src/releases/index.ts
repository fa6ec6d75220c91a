export { processCommand, processPrivileges } from './command.ts';
export { escapeTemplate, releaseEnvironment, releaseTimes } from './environment.ts';
