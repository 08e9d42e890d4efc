import type { Step } from '../playbook.ts';
import { type Frame, scopeOf } from './frame.ts';
import { leaf } from './leaf.ts';
import type { Run } from './run.ts';
import { fill } from '../template.ts';
import { Stop } from './control.ts';
import { unknown } from '../expression.ts';
import { pushUndo } from './owing.ts';

/** Something that a person does outside: done, could not, or not needed. */
export function manualStep(run: Run, frame: Frame, step: Extract<Step, { verb: 'manual' }>): Promise<void> {
  const key = frame.prefix + step.address;
  return leaf(run, frame, step, async () => {
    const text = fill(step.text, scopeOf(frame)).text;
    if (run.level === 'check') return { outcome: 'either', summary: text, evidence: [], facts: null };
    const answer = await run.ask(key, { kind: 'manual', address: key, text }, { remember: true });
    if (answer.kind === 'skip') return { outcome: 'skipped', summary: answer.reason, evidence: [], facts: null };
    if (answer.kind === 'could-not') return { outcome: 'failed', summary: answer.reason, evidence: [], facts: { failed: true } };
    if (answer.kind !== 'done') throw new Stop('failed', `${step.address}: not done`);
    pushUndo(run, frame, step, key, text, null, null);
    return { outcome: 'ok', summary: `done by ${run.parts.person.who}`, evidence: [], facts: { failed: false } };
  });
}

/** Asks for values; each becomes a name. Secrets are never kept: a run that is taken up asks for them again. */
export async function askStep(run: Run, frame: Frame, step: Extract<Step, { verb: 'ask' }>): Promise<void> {
  const key = frame.prefix + step.address;
  const { now } = run.parts.hands;
  run.progress.begin(key, null, now());
  if (run.level === 'check') {
    for (const field of step.fields) frame.names.set(field.name, unknown);
    return run.progress.end(key, 'either', now(), null);
  }
  const remember = step.fields.every((field) => field.type !== 'secret');
  const answer = await run.ask(key, { kind: 'ask', address: key, fields: step.fields }, { remember });
  if (answer.kind !== 'values') throw new Stop('failed', `${step.address}: no answer`);
  for (const field of step.fields) if (field.type === 'secret') run.hide(answer.values[field.name]);
  for (const field of step.fields) frame.names.set(field.name, answer.values[field.name] ?? field.fallback ?? unknown);
  run.progress.end(key, 'ok', now(), null);
}

/** A signature; somebody else's than the operator's. */
export function approveStep(run: Run, frame: Frame, step: Extract<Step, { verb: 'approve' }>): Promise<void> {
  const key = frame.prefix + step.address;
  return leaf(run, frame, step, async () => {
    const text = fill(step.question, scopeOf(frame)).text;
    if (run.level === 'check') return { outcome: 'either', summary: text, evidence: [], facts: null };
    const signed: string[] = [];
    while (signed.length < step.count) {
      const question = { kind: 'approve', address: key, text, by: step.by, count: step.count - signed.length } as const;
      const answer = await run.ask(`${key}#${signed.length}`, question, { remember: true });
      if (answer.kind === 'reject')
        return { outcome: 'failed', summary: `refused: ${answer.reason}`, evidence: [], facts: { failed: true } };
      if (answer.kind !== 'approve') throw new Stop('failed', `${step.address}: not approved`);
      const own = answer.who === run.memory.operator || answer.who === '';
      if (own || signed.includes(answer.who))
        return {
          outcome: 'failed',
          summary: 'your own approval does not count: somebody else signs',
          evidence: [],
          facts: { failed: true },
        };
      signed.push(answer.who);
    }
    return { outcome: 'ok', summary: `approved by ${signed.join(', ')}`, evidence: [], facts: { failed: false } };
  });
}
