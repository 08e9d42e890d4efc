import { inFull } from './change-steps.ts';
import { Left, type UndoWord } from './control.ts';
import type { End, WalkEnd } from './ending.ts';
import type { Prepared, Sent } from './hands.ts';
import type { Outcome } from '../playbook.ts';
import { holdsHidden } from './hidden.ts';
import { whatBecameOf } from './left-open.ts';
import type { Run } from './run.ts';
import { unseenEnd } from './unseen.ts';

/** How taking one step back ended: as before, still as it is, or nobody knows. */
type Undone = 'done' | 'left' | 'failed';
type Ended = (outcome: 'ok' | 'already' | 'failed' | 'unknown' | 'skipped', summary: string) => Undone;

/**
 * Takes back what a walk left, the newest first, each shown before it is done. A person may leave each; without one, only what the file
 * or a person's answer given beforehand wants taken back is, and never past the point of no return or where it is dangerous.
 */
export async function takeBack(run: Run, walked: WalkEnd): Promise<End> {
  const { memory, parts } = run;
  const { undo: by, ...end } = walked;
  if (run.level !== 'run' && run.level !== 'simulate') return end;
  const open = memory.undos();
  if (open.length === 0) return memory.undoing === null ? end : { ...end, result: 'undone' };
  if (by === 'no' || (by === 'person' && !parts.person.attended))
    return end.result === 'ok'
      ? end
      : { ...end, message: `${end.message.replace(/\.$/, '')}; not taken back: ${open.map(({ title }) => title).join('; ')}` };
  if (memory.undoing === null) run.event({ event: 'undoing', why: run.mask(end.message), result: end.result, by });
  run.phase({ phase: 'undoing' });
  const [left, failed]: [string[], string[]] = [[], []];
  for (const each of open) {
    run.staying();
    const undone = await undoOne(run, each, by);
    if (undone === 'left') left.push(each.title);
    if (undone === 'failed') failed.push(`${each.title} (${memory.undoEnded(each.key)?.summary ?? 'nothing says why'})`);
  }
  const words = [
    failed.length + left.length === 0 ? end.message : end.message.replace(/\.$/, ''),
    ...(failed.length === 0 ? [] : [`could not be taken back: ${failed.join('; ')}`]),
    ...(left.length === 0 ? [] : [`left as it is: ${left.join('; ')}`]),
  ];
  // A person who leaves something has said so; a word given beforehand that is not kept whole has failed.
  const result = failed.length > 0 || (left.length > 0 && by !== 'person') ? 'undo_failed' : left.length > 0 ? end.result : 'undone';
  return { result, message: words.join('; ') };
}

type Open = ReturnType<Run['memory']['undos']>[number];

async function undoOne(run: Run, { key, title, undo }: Open, by: UndoWord): Promise<Undone> {
  const end: Ended = (outcome, summary) => {
    run.event({ event: 'undo-outcome', key, outcome, summary: run.mask(summary) });
    run.progress.undone(key, outcome, run.mask(summary));
    return undoneBy(outcome);
  };
  // Sent by the console before, well or not: it is not sent again.
  const tried = run.memory.undoEnded(key);
  if (tried !== null && tried.outcome !== 'skipped') return undoneBy(tried.outcome);
  if (undo.kind === 'manual') {
    const answer = await run.askUndo(key, { kind: 'manual', address: key, text: undo.text });
    if (answer?.kind === 'could-not') return end('failed', answer.reason);
    return answer?.kind === 'done' ? end('ok', 'done by a person') : end('skipped', 'not done');
  }
  if (holdsHidden(undo)) return end('failed', 'it needs a secret that was not kept: take it back by hand');
  const begun = run.memory.undoUnderWay(key);
  const became = begun === null ? null : await whatBecame(run, key, title, begun);
  if (became !== null) return ended(end, became);
  return send(run, key, await run.parts.hands.prepareUndo(undo, key, run.undoPlace()), by, end);
}

async function send(run: Run, key: string, prepared: Prepared, by: UndoWord, end: Ended): Promise<Undone> {
  if (prepared.kind === 'already') return end('already', prepared.why);
  if (prepared.kind === 'refused' || prepared.kind === 'unreachable') return end('failed', prepared.why);
  if (prepared.kind === 'dry') return end('ok', prepared.title);
  if (run.parts.person.attended) {
    const question = {
      kind: 'undo',
      address: key,
      title: run.mask(prepared.title),
      commands: prepared.commands.map((command) => run.mask(command)),
      ...inFull(run, prepared),
      host: prepared.host,
      afterNoReturn: run.memory.noReturn,
    } as const;
    const answer = await run.askUndo(key, question);
    if (answer?.kind !== 'go') return end('skipped', answer?.kind === 'skip' ? answer.reason : 'left as it is');
  } else if (by === 'person') return end('skipped', 'left as it is: nobody is there');
  else if (run.memory.noReturn) return end('skipped', 'past the point of no return, a person decides');
  else if (prepared.risk === 'danger') return end('skipped', 'it is dangerous, and a person decides');
  run.event({ event: 'undo-start', key, actionId: prepared.actionId });
  run.acting(prepared.actionId);
  try {
    return ended(end, await prepared.send((text) => run.progress.live(key, run.mask(text))));
  } catch (error) {
    if (error instanceof Left) throw error;
    return end('unknown', error instanceof Error ? error.message : 'its end was not seen');
  } finally {
    run.acting(null);
  }
}

function undoneBy(outcome: Outcome): Undone {
  return outcome === 'ok' || outcome === 'already' ? 'done' : outcome === 'skipped' ? 'left' : 'failed';
}

function ended(end: Ended, { outcome, summary }: Sent): Undone {
  return end(outcome === 'ok' || outcome === 'already' || outcome === 'unknown' ? outcome : 'failed', summary);
}

/** What became of an undo whose console ended; `null` when it never began. It is never sent again while nobody knows. */
async function whatBecame(run: Run, key: string, title: string, actionId: string): Promise<Sent | null> {
  const sent = await whatBecameOf(run, { actionId });
  if (sent === null) return null;
  return unseenEnd(run, { key, title: `undo of ${title}`, actionId }, sent, (question, ended) =>
    run.asking.askUndo(`${key}?${actionId}`, question, ended),
  );
}
