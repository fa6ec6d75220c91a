/** EC2 on loopback in one import. */
export { NoHosts, type Backend, type Host, type HostRequest } from './backend.ts';
export { Ec2Endpoint, type EndpointOptions } from './endpoint.ts';
export type { Injection } from './fault.ts';
export { LabHosts } from './lab-hosts.ts';
export { ruleInWords } from './network.ts';
