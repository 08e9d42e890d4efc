import { spawnSync } from 'node:child_process';

/** Words that run what follows in a mount namespace of its own after these shell commands; it goes away with its last process. */
export function inOwnMounts(...commands: readonly string[]): string[] {
  return ['unshare', '--mount', ...inShell(commands)];
}

/** The same with a host name of its own. */
export function inOwnMountsAndName(...commands: readonly string[]): string[] {
  return ['unshare', '--mount', '--uts', ...inShell(commands)];
}

function inShell(commands: readonly string[]): string[] {
  return ['sh', '-c', ['set -e', ...commands, 'exec "$@"'].join('\n'), 'sh'];
}

/** Command that keeps the locks of this host apart from those of the other hosts on the same machine. */
export const ownLocks = 'for dir in /run/lock /var/lock; do if [ -d $dir ]; then mount -t tmpfs none $dir; fi; done';

/** For `describe.skipIf`: true where this user may not make mounts of their own; fails in CI, where it must be possible. */
export function ownMountsMissing(): boolean {
  const missing = spawnSync('unshare', ['--mount', '--uts', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status !== 0;
  if (missing && process.env.CI === 'true') throw new Error('These tests need root and mount namespaces in CI.');
  return missing;
}
