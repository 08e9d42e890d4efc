import type { Playbook } from '../playbook.ts';
import { plain, type Scope, unknown } from '../expression.ts';
import { fill } from '../template.ts';

/** Where in a run a list of steps stands: inside which loop items and playbooks, and which names it sees. */
export interface Frame {
  readonly playbook: Playbook;
  /** Begins the keys of the steps here: `each#web1/`. */
  readonly prefix: string;
  readonly names: Map<string, unknown>;
  readonly depth: number;
  /** In a dry run: whether a real one may not come here. */
  readonly unsure?: boolean;
  /** What must stay in a pool while steps here take others out: a number, or a share such as `50%`, of this playbook and of those around it. */
  readonly keepInPool: readonly string[];
}

/** A playbook's own `keep_in_pool`, its places filled in. */
export function keptInPool(playbook: Playbook, names: ReadonlyMap<string, unknown>): readonly string[] {
  const { keepInPool } = playbook.limits;
  return keepInPool === null ? [] : [fill(String(keepInPool), Object.fromEntries(names)).text];
}

/** Names of a playbook before its first step: inputs and constants. */
export function firstNames(playbook: Playbook, inputs: Readonly<Record<string, unknown>>): Map<string, unknown> {
  const names = new Map<string, unknown>(Object.entries(inputs));
  for (const [name, value] of Object.entries(playbook.vars)) names.set(name, filledIn(value, Object.fromEntries(names)));
  return names;
}

/** Templates inside a value of the file, filled in; anything else as it is. */
export function filledIn(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') {
    // A value that is one place and nothing else keeps its type: a list of hosts stays one.
    const [, only] = /^\{\{\s*([A-Za-z_]\w*)\s*\}\}$/.exec(value) ?? [];
    if (only !== undefined && Object.hasOwn(scope, only)) return plain(scope[only]);
    const { text, open } = fill(value, scope);
    return open.length > 0 ? unknown : text;
  }
  if (Array.isArray(value)) return value.map((each) => filledIn(each, scope));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filledIn(each, scope)]));
  return value;
}

export function scopeOf(frame: Frame): Scope {
  return Object.fromEntries(frame.names);
}

/** A frame inside this one, which sees the same names; what is saved in it is seen outside too. */
export function inner(frame: Frame, prefix: string): Frame {
  return { ...frame, prefix, depth: frame.depth + 1 };
}
