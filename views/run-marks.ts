import { runOfScreen } from './playbook-flow.ts';
import { shownStep } from './playbook-lists.ts';
import type { LineSource } from './incident-state.ts';
import { stepSign, titleOf } from './run-words.ts';
import type { Session } from './session.ts';
import { screenOf } from './state.ts';

/** Lines of a run that can be marked, and the host they are about. */
export interface RunMarks {
  readonly lines: readonly string[];
  readonly source: LineSource | null;
}

/** What the step in sight says, whole lines, the newest last: how it stands, what it sees now, what it or its question shows. */
export function marksOfRun(session: Session): RunMarks | null {
  const ui = session.ui.getState();
  const screen = screenOf(ui);
  const run = runOfScreen(ui);
  if (run === null || screen.kind !== 'playbook-run') return null;
  const address = shownStep(run, screen.cursor);
  const step = run.view.steps.find((one) => one.address === address);
  const { phase } = run.view;
  const end = phase.phase === 'closed' ? [phase.message] : [];
  if (step === undefined) return { lines: end, source: null };
  const asked = run.asked?.question ?? null;
  const shows = asked?.address === address && (asked.kind === 'failed' || asked.kind === 'unknown') ? asked.evidence : [];
  const note = asked?.address === address && 'summary' in asked ? asked.summary : (step.note ?? '');
  const { word } = stepSign(step, null);
  const head = [titleOf(run, step), [word, note].filter((part) => part !== '').join(', ')].filter((part) => part !== '').join(': ');
  const known = session.fleet().hosts.map((view) => view.host.name);
  const given = Object.values(run.view.inputs).flatMap((value) => value.split(/[\s,]+/));
  const host = step.host ?? given.find((name) => known.includes(name)) ?? null;
  return {
    lines: [...end, head, ...(step.live === null ? [] : [step.live]), ...(shows.length > 0 ? shows : step.evidence)],
    source: host === null ? null : { host, service: null },
  };
}
