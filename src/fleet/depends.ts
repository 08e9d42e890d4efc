import type { Fleet } from './definition.ts';

/** Roles that `role` depends on, straight or through others, nearest first; never the role itself, even in a circle. */
export function dependenciesOf(fleet: Pick<Fleet, 'depends'>, role: string): readonly string[] {
  return walk(role, (name) => fleet.depends.get(name) ?? []);
}

/** Roles that depend on `role`, straight or through others, nearest first. */
export function dependentsOf(fleet: Pick<Fleet, 'depends'>, role: string): readonly string[] {
  return walk(role, (name) => [...fleet.depends].filter(([, needs]) => needs.includes(name)).map(([dependent]) => dependent));
}

function walk(start: string, next: (role: string) => readonly string[]): readonly string[] {
  const seen = new Set([start]);
  const queue = [start];
  for (const role of queue) {
    for (const other of next(role)) {
      if (seen.has(other)) continue;
      seen.add(other);
      queue.push(other);
    }
  }
  return queue.slice(1);
}
