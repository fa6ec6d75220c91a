export { processCommand, processPrivileges, type ProcessCommand } from './command.ts';
export { escapeTemplate, releaseEnvironment, releaseTimes, webPort, type ProcessIdentity } from './environment.ts';
