export { changeConfig, describeChanges } from './config-vars.ts';
export { appUrl, checkDomain, checkDomainFree, defaultDomain } from './domain.ts';
export { changeFormation, DEFAULT_SIZE, formationFor, isService, resizedTypes, type Formation } from './formation.ts';
export { checkAppName } from './name.ts';
