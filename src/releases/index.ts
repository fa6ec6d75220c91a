export { processCommand, processPrivileges } from './command.ts';
export { escapeTemplate, releaseEnvironment, releaseTimes, webPort } from './environment.ts';
