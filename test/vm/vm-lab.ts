import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { labRoot } from '../lab/lab-paths.ts';
import { isAlive } from '../lab/lock.ts';
import { killMachinesOf, VirtualMachine } from './virtual-machine.ts';
import { vmImage } from './vm-image.ts';

const FIRST_GROUP = 12_345;

/** Virtual machines on one private network, for what needs a kernel of its own. */
export class VmLab {
  readonly machines: readonly VirtualMachine[];
  readonly #folder: string;

  private constructor(machines: readonly VirtualMachine[], folder: string) {
    this.machines = machines;
    this.#folder = folder;
  }

  /** Boots them at the same time and waits until all accept logins. `disks`: additional disks of the first. */
  static async start(count: number, disks: readonly string[] = []): Promise<VmLab> {
    await removeStale();
    const image = await vmImage();
    const folder = join(runsRoot(), String(process.pid));
    await mkdir(folder, { recursive: true });
    const machines = Array.from(
      { length: count },
      (_, index) => new VirtualMachine(index + 1, image, folder, index === 0 ? disks : []),
    );
    const lab = new VmLab(machines, folder);
    try {
      for (const machine of machines) machine.start(FIRST_GROUP);
      await Promise.all(machines.map((machine) => machine.ready()));
      return lab;
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  /** Leaves nothing but the image. */
  async stop(): Promise<void> {
    await Promise.all(this.machines.map((machine) => machine.stop()));
    await rm(this.#folder, { recursive: true, force: true });
  }
}

const runsRoot = (): string => join(labRoot(), 'vm-runs');

/** What runs left that were killed: a folder is called by its process. */
async function removeStale(): Promise<void> {
  for (const name of await readdir(runsRoot()).catch(() => [])) {
    if (isAlive(Number(name))) continue;
    await killMachinesOf(join(runsRoot(), name));
    await rm(join(runsRoot(), name), { recursive: true, force: true });
  }
}
