import type { RunStepView } from './run-view.ts';

/** How a step stands, for people: an expected no is no failure, and its note says that nothing stops for it. */
export function endWords({ state, note, tolerated }: Pick<RunStepView, 'state' | 'note' | 'tolerated'>): {
  readonly word: string;
  readonly note: string;
} {
  const said = note ?? '';
  if (!tolerated) return { word: state, note: said };
  return {
    word: state === 'failed' || state === 'timeout' ? 'said no' : state,
    note: said === '' ? 'the playbook goes on' : `${said}; the playbook goes on`,
  };
}
