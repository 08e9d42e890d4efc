import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cgroup2Mount } from './cgroup-tree.ts';

/** Program → Debian package that brings it. */
const programs = new Map([
  ['mmdebstrap', 'mmdebstrap'],
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
  ['setpriv', 'util-linux'],
  ['flock', 'util-linux'],
  ['ip', 'iproute2'],
  ['ssh', 'openssh-client'],
  ['ssh-keygen', 'openssh-client'],
  ['tar', 'tar'],
]);

const programsForVms = new Map([
  ['qemu-system-x86_64', 'qemu-system-x86'],
  ['mke2fs', 'e2fsprogs'],
]);

/** Debian packages of every program the lab calls, virtual machines included. */
export const labPackages: readonly string[] = [...new Set([...programs.values(), ...programsForVms.values()])].toSorted();

/** Why the lab cannot run here, in words; empty when it can as far as is known beforehand. */
export function missingForLab(): string[] {
  const missing: string[] = [];
  if (process.platform !== 'linux') return ['the lab needs Linux'];
  if (process.getuid?.() !== 0) missing.push('the lab needs root');
  if (cgroup2Mount() === null) missing.push('no cgroup2 is mounted');
  return [...missing, ...missingPrograms(programs)];
}

/** Why it has no virtual machines here, beyond what keeps the lab itself from running. */
export function missingForVms(): string[] {
  const missing = missingPrograms(programsForVms);
  if (!existsSync('/dev/net/tun')) missing.push('/dev/net/tun is missing (kernel module tun)');
  if (process.arch !== 'x64') missing.push('virtual machines are built for x86-64 alone');
  return missing;
}

function missingPrograms(wanted: ReadonlyMap<string, string>): string[] {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return [...wanted]
    .filter(([program]) => !folders.some((folder) => existsSync(join(folder, program))))
    .map(([program, debianPackage]) => `${program} is missing (package ${debianPackage})`);
}
