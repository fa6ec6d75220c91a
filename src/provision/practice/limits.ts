import type { Machine } from '../machine.ts';

/** Limitations of a practice cluster on this machine, as sentences. */
export async function practiceLimits(machine: Machine): Promise<string[]> {
  const [ipvs, esp, linux] = await Promise.all([
    has(machine, 'ip_vs', '/proc/net/ip_vs'),
    has(machine, 'esp4', undefined),
    isLinux(machine),
  ]);
  return [
    "The nodes share this machine's kernel, CPUs, memory and disk; each reports all of the machine's resources.",
    ...(linux
      ? []
      : [
          "The nodes' addresses are only reachable inside Docker's virtual machine; use this " +
            "machine's address to reach apps.",
        ]),
    ...(ipvs || !linux
      ? []
      : [
          "This kernel has no IPVS, so Swarm's ingress mesh does not work here; routers listen on " +
            'ports of their nodes.',
        ]),
    ...(esp || !linux ? [] : ['This kernel has no ESP, so traffic between nodes cannot be encrypted here.']),
  ];
}

/** Whether it is loaded, built in, or available as a module. */
async function has(machine: Machine, module: string, proof: string | undefined): Promise<boolean> {
  if (proof !== undefined && (await machine.readFile(proof)) !== undefined) return true;
  if ((await machine.listFolder('/sys/module')).includes(module)) return true;
  return (
    (await machine.run(['env', 'PATH=/usr/sbin:/sbin:/usr/bin:/bin', 'modprobe', '--dry-run', '--quiet', module]))
      .code === 0
  );
}

async function isLinux(machine: Machine): Promise<boolean> {
  return (await machine.run(['uname', '-s'])).stdout.trim() === 'Linux';
}
