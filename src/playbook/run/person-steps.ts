import type { Step } from '../playbook.ts';
import { type Frame, scopeOf } from './frame.ts';
import { durationMs, hostOf, leaf, type Tried } from './leaf.ts';
import type { Run } from './run.ts';
import { fill } from '../template.ts';
import { Stop } from './control.ts';
import { unknown } from '../expression.ts';
import { pushUndo } from './owing.ts';
import { signatures } from './signing.ts';

type ApproveStep = Extract<Step, { verb: 'approve' }>;

/** Something that a person does outside: done, could not, or not needed. */
export function manualStep(run: Run, frame: Frame, step: Extract<Step, { verb: 'manual' }>): Promise<void> {
  const key = frame.prefix + step.address;
  return leaf(run, frame, step, async () => {
    const text = run.mask(fill(step.text, scopeOf(frame)).text);
    run.progress.title(key, text.split('\n', 1)[0] ?? '');
    if (run.level === 'check') {
      run.progress.unmade.add('anything');
      return { outcome: 'either', summary: text, evidence: [], facts: null };
    }
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
  for (const field of step.fields) if (field.type === 'secret') run.hide(answer.values[field.name], `${key}_${field.name}`);
  for (const field of step.fields) frame.names.set(field.name, answer.values[field.name] ?? field.fallback ?? unknown);
  run.progress.end(key, 'ok', now(), null);
}

/** Without a limit of its own, a signature is waited for this long, ms. */
const usualSigningMs = 1_800_000;

/** Signatures; somebody else's than the operator's, left by hash from another console. */
export function approveStep(run: Run, frame: Frame, step: ApproveStep): Promise<void> {
  const key = frame.prefix + step.address;
  return leaf(run, frame, step, async () => {
    const text = run.mask(fill(step.question, scopeOf(frame)).text);
    run.progress.title(key, text);
    if (run.level === 'check') return { outcome: 'either', summary: text, evidence: [], facts: null };
    const { hands } = run.parts;
    if (hands.signing === undefined) return named(run, step, key, text);
    const { id, playbook, reason } = run.parts;
    const { by, count, risk } = step;
    const card = { playbook: playbook.title, reason, by, count, danger: risk === 'danger' };
    const request = hands.signing({ run: id, key, text, host: hostNear(run, frame, step), card });
    const limitMs = step.timeout === null ? usualSigningMs : durationMs(fill(step.timeout, scopeOf(frame)).text);
    const signed = await signatures(run, request, { key, text, by: step.by, count: step.count, limitMs, remember: true });
    if (signed.kind === 'stop') throw new Stop('failed', `${step.address}: not approved`);
    if (signed.kind === 'signed')
      return { outcome: 'ok', summary: `approved by ${signed.by.join(', ')}`, evidence: [], facts: { failed: false } };
    return { outcome: signed.kind === 'late' ? 'timeout' : 'failed', summary: signed.why, evidence: [], facts: { failed: true } };
  });
}

/** Where no other console can be: a name is typed, and the record says that nobody verified it. */
async function named(run: Run, step: ApproveStep, key: string, text: string): Promise<Tried> {
  const refused = (summary: string): Tried => ({ outcome: 'failed', summary, evidence: [], facts: { failed: true } });
  const names: string[] = [];
  while (names.length < step.count) {
    const question = { kind: 'approve', address: key, text, by: step.by, count: step.count - names.length } as const;
    const answer = await run.ask(`${key}#${names.length}`, question, { remember: true });
    if (answer.kind === 'reject') return refused(`refused: ${answer.reason}`);
    if (answer.kind !== 'approve') throw new Stop('failed', `${step.address}: not approved`);
    if (answer.who === run.memory.operator || answer.who === '' || names.includes(answer.who))
      return refused('your own approval does not count: somebody else signs');
    names.push(answer.who);
  }
  return { outcome: 'ok', summary: `named, not verified: ${names.join(', ')}`, evidence: [], facts: { failed: false } };
}

/** The step's own host, else the first that a name of the run speaks of. */
function hostNear(run: Run, frame: Frame, step: Step): string | null {
  const hosts = new Set(run.parts.hands.hostsFrom(null));
  const spoken = [...frame.names.values()].flat().find((value) => typeof value === 'string' && hosts.has(value));
  return hostOf(frame, step) ?? (typeof spoken === 'string' ? spoken : null);
}
