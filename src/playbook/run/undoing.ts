import { Left } from './control.ts';
import type { Prepared } from './hands.ts';
import { holdsHidden } from './hidden.ts';
import type { Run } from './run.ts';

/** Takes back what can be, the newest first, each shown before it is done. True when everything is as before. */
export async function undoAll(run: Run): Promise<boolean> {
  let whole = true;
  for (const { key, title, undo } of run.memory.undos()) {
    const place = { run: run.parts.id, reason: `undo of ${run.parts.playbook.id}` };
    if (undo.kind === 'manual') {
      const answer = await run.askUndo(key, { kind: 'manual', address: key, text: undo.text });
      const done = answer?.kind === 'done';
      run.event({ event: 'undo-outcome', key, outcome: done ? 'ok' : 'skipped', summary: done ? 'done by a person' : 'not done' });
      whole &&= done;
      continue;
    }
    const prepared: Prepared = holdsHidden(undo)
      ? { kind: 'refused', why: 'it needs a secret that was not kept: take it back by hand' }
      : await run.parts.hands.prepareUndo(undo, key, place);
    whole = (await undoOne(run, key, title, prepared)) && whole;
  }
  return whole;
}

async function undoOne(run: Run, key: string, title: string, prepared: Prepared): Promise<boolean> {
  const end = (outcome: 'ok' | 'already' | 'failed' | 'unknown' | 'skipped', summary: string): boolean => {
    run.event({ event: 'undo-outcome', key, outcome, summary: run.mask(summary) });
    run.progress.note(`undo of ${title}: ${summary}`);
    return outcome === 'ok' || outcome === 'already';
  };
  if (prepared.kind === 'already') return end('already', prepared.why);
  if (prepared.kind === 'refused' || prepared.kind === 'unreachable') return end('failed', prepared.why);
  if (prepared.kind === 'dry') return end('ok', prepared.title);
  const question = {
    kind: 'undo',
    address: key,
    title: prepared.title,
    commands: prepared.commands.map((command) => run.mask(command)),
    afterNoReturn: run.memory.noReturn,
  } as const;
  const answer = await run.askUndo(key, question);
  if (answer?.kind !== 'go') return end('skipped', answer?.kind === 'skip' ? answer.reason : 'left as it is');
  run.event({ event: 'undo-start', key, actionId: prepared.actionId });
  try {
    const sent = await prepared.send((text) => run.progress.live(key, run.mask(text)));
    return end(
      sent.outcome === 'ok' ? 'ok' : sent.outcome === 'already' ? 'already' : sent.outcome === 'unknown' ? 'unknown' : 'failed',
      sent.summary,
    );
  } catch (error) {
    if (error instanceof Left) throw error;
    return end('unknown', error instanceof Error ? error.message : 'its end was not seen');
  }
}
