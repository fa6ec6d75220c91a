export { changeConfig, CONFIG_LIMITS, describeChanges, type ConfigChanges, type ConfigVars } from './config-vars.ts';
export { appUrl, checkDomain, checkDomainFree, defaultDomain } from './domain.ts';
export {
  changeFormation,
  DEFAULT_SIZE,
  formationFor,
  isService,
  resizedTypes,
  type Formation,
  type FormationUpdate,
} from './formation.ts';
export { checkAppName, printable } from './name.ts';
