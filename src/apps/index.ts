export { appUrl, checkDomainFree, defaultDomain, misplacedDomains, type MisplacedDomain } from './domain.ts';
export { changeFormation, DEFAULT_SIZE, formationFor, resizedTypes, type Formation } from './formation.ts';
export { checkAppName } from './name.ts';
