import type { Result } from '../playbook.ts';

/** The longest ways through some steps, ms: those that go on behind them, those that end the run well there, and those that end it otherwise. */
export interface Flow {
  readonly through: number | null;
  readonly endedOk: number | null;
  readonly ended: number | null;
}

export const nothing: Flow = { through: 0, endedOk: null, ended: null };
const nowhere: Flow = { through: null, endedOk: null, ended: null };

export function lasting(ms: number): Flow {
  return { ...nothing, through: ms };
}

export function ending(result: Result): Flow {
  return result === 'ok' ? { ...nowhere, endedOk: 0 } : { ...nowhere, ended: 0 };
}

/** One and then the other. */
export function followed(first: Flow, then: Flow): Flow {
  const behind = (ms: number | null): number | null => (first.through === null || ms === null ? null : first.through + ms);
  return {
    through: behind(then.through),
    endedOk: longer(first.endedOk, behind(then.endedOk)),
    ended: longer(first.ended, behind(then.ended)),
  };
}

/** The one or the other. */
export function either(a: Flow, b: Flow): Flow {
  return { through: longer(a.through, b.through), endedOk: longer(a.endedOk, b.endedOk), ended: longer(a.ended, b.ended) };
}

/** The same `times` over, with `pausesMs` in between altogether. */
export function repeated(once: Flow, times: number, pausesMs: number): Flow {
  let all = nothing;
  for (let turn = 0; turn < times; turn += 1) all = followed(all, once);
  return followed(all, lasting(pausesMs));
}

/** The playbook inside another: its good end goes on behind it. */
export function played(flow: Flow): Flow {
  return { through: longer(flow.through, flow.endedOk), endedOk: null, ended: flow.ended };
}

export function longestOf({ through, endedOk, ended }: Flow): number {
  return Math.max(through ?? 0, endedOk ?? 0, ended ?? 0);
}

function longer(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}
