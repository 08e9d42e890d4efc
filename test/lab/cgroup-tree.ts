import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pollUntil } from './poll-until.ts';

/** Where this machine has cgroup2: /sys/fs/cgroup, or /sys/fs/cgroup/unified beside version 1; `null` when nowhere. */
export function cgroup2Mount(): string | null {
  const line = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .find((mount) => mount.split(' ')[2] === 'cgroup2');
  return line?.split(' ')[1] ?? null;
}

/** Makes the cgroup of a lab's host, and of the lab itself when it is the first. */
export function makeCgroup(labCgroup: string, host: string): string {
  const path = join(labCgroup, host);
  mkdirSync(path, { recursive: true });
  return path;
}

/** Stops (1) or resumes (0) every process of a cgroup at once, and waits until the kernel says so. */
export async function setFrozen(cgroup: string, frozen: '0' | '1'): Promise<void> {
  writeFileSync(join(cgroup, 'cgroup.freeze'), frozen);
  if (!(await pollUntil(() => eventsOf(cgroup).get('frozen') === frozen, 5_000))) {
    throw new Error(`the kernel did not ${frozen === '1' ? 'freeze' : 'thaw'} ${cgroup} within 5 s`);
  }
}

/** Kills all that is in a cgroup, frozen or not, and removes it with those below. Throws when something outlives 10 s. */
export async function removeCgroup(cgroup: string): Promise<void> {
  if (populated(cgroup)) writeFileSync(join(cgroup, 'cgroup.kill'), '1');
  if (!(await pollUntil(() => !populated(cgroup), 10_000))) throw new Error(`processes in ${cgroup} outlive SIGKILL`);
  removeEmpty(cgroup);
}

/** Removes what a lab left whose owner was killed before it could stop; `isLeft` judges by name. */
export async function sweepCgroups(mount: string, isLeft: (name: string) => boolean): Promise<void> {
  for (const name of readdirSync(mount).filter(isLeft)) {
    if (!populated(join(mount, name))) await removeCgroup(join(mount, name));
  }
}

/** True while a process lives in it or below; cgroups(7), cgroup.events. */
export function populated(cgroup: string): boolean {
  return eventsOf(cgroup).get('populated') === '1';
}

function eventsOf(cgroup: string): Map<string, string> {
  try {
    const lines = readFileSync(join(cgroup, 'cgroup.events'), 'utf8').trim().split('\n');
    return new Map(lines.map((line) => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']));
  } catch {
    return new Map();
  }
}

function removeEmpty(cgroup: string): void {
  let below: string[];
  try {
    below = readdirSync(cgroup, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return;
  }
  for (const name of below) removeEmpty(join(cgroup, name));
  rmdirSync(cgroup);
}
