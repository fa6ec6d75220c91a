import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileEntry, packTar } from '../../src/archive/index.ts';
import { textsOf } from '../../src/builds/source/tar-files.ts';

const PROFILE = join(import.meta.dirname, '../../templates/images/dockerfile-box/seccomp.json');

interface Rule {
  readonly names: readonly string[];
  readonly action: string;
  readonly args?: readonly { readonly index: number; readonly value: number; readonly op: string }[];
}

describe('the container in which Dockerfiles are built', () => {
  let rules: readonly Rule[];
  before(async () => {
    const profile = JSON.parse(await readFile(PROFILE, 'utf8')) as { defaultAction: string; syscalls: Rule[] };
    expect(profile.defaultAction).to.equal('SCMP_ACT_ERRNO');
    rules = profile.syscalls.filter(({ action }) => action === 'SCMP_ACT_ALLOW');
  });

  it('cannot use calls that the engine allows nobody, but for mounts', () => {
    const refused = (
      'acct add_key bpf clock_settime clone3 delete_module finit_module fsopen init_module io_uring_setup ioperm iopl ' +
      'kcmp kexec_file_load kexec_load keyctl lookup_dcookie mount_setattr move_mount move_pages nfsservctl ' +
      'open_by_handle_at open_tree perf_event_open process_vm_readv process_vm_writev ptrace quotactl reboot request_key ' +
      'set_mempolicy setns settimeofday socketcall swapon syslog userfaultfd uselib ustat vhangup vm86'
    ).split(' ');
    const allowed = new Set(rules.flatMap(({ names }) => names));
    expect(refused.filter((name) => allowed.has(name))).to.deep.equal([]);
  });

  it('can make user, mount and UTS namespaces only', () => {
    // linux/sched.h: CLONE_NEWNS, NEWUTS, NEWUSER; NEWCGROUP, NEWIPC, NEWPID, NEWNET
    const [own, others] = [
      [0x20000, 0x4000000, 0x10000000],
      [0x2000000, 0x8000000, 0x20000000, 0x40000000],
    ];
    for (const call of ['clone', 'unshare']) {
      const [rule, ...more] = rules.filter(({ names }) => names.includes(call));
      const [arg] = rule!.args!;
      expect({ more, op: arg!.op, index: arg!.index }).to.deep.equal({ more: [], op: 'SCMP_CMP_MASKED_EQ', index: 0 });
      expect(others!.every((flag) => (arg!.value & flag) !== 0)).to.equal(true);
      expect(own!.every((flag) => (arg!.value & flag) === 0)).to.equal(true);
    }
  });

  describe('leaves results', () => {
    const read = (files: readonly [string, string][]): Promise<ReadonlyMap<string, string>> =>
      textsOf(packTar(files.map(([name, text]) => fileEntry({ name: `out/${name}` }, text))), 4096);

    it('that are small', async () => {
      expect([...(await read([['image.json', '{}']]))]).to.deep.equal([['image.json', '{}']]);
    });

    for (const [what, files] of Object.entries({
      'one file that is too large': [['a', 'x'.repeat(5000)]],
      'many files': [...Array(6).keys()].map((n) => [`${n}`, 'x'.repeat(400)]),
      'many empty files': [...Array(10).keys()].map((n) => [`${n}`, '']),
    } as Record<string, [string, string][]>))
      it(`of which the controller does not read ${what}`, async () => {
        const error = await read(files).then(
          () => undefined,
          (thrown: Error) => thrown,
        );
        expect(error).to.have.property('code', 'BUILD_FAILED');
      });
  });
});
