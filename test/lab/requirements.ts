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

/** Why the lab cannot run here, in words; empty when it can as far as is known beforehand. */
export function missingForLab(): string[] {
  const missing: string[] = [];
  if (process.platform !== 'linux') return ['the lab needs Linux'];
  if (process.getuid?.() !== 0) missing.push('the lab needs root');
  if (cgroup2Mount() === null) missing.push('no cgroup2 is mounted');
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  for (const [program, debianPackage] of programs) {
    if (!folders.some((folder) => existsSync(join(folder, program)))) missing.push(`${program} is missing (package ${debianPackage})`);
  }
  return missing;
}
