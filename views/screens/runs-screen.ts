import { duration, shortTime } from '../format.ts';
import { chosenAt, type RunRow, runRows } from '../playbook-lists.ts';
import { debtsWords, phaseOf } from '../run-words.ts';
import type { Scene } from '../scene.ts';
import type { ScreenEntry } from '../state.ts';
import { justify, type Line, span } from '../terminal/line.ts';
import { clip } from '../terminal/width.ts';
import { glyphOf } from '../theme.ts';
import { drawListed, headLine, type ListedLine, noteLines, rowLine } from './listed-lines.ts';

/** Runs of playbooks: those of this console, and those that another one left open. */
export function runsScreen(scene: Scene, screen: Extract<ScreenEntry, { kind: 'runs' }>, height: number): string[] {
  const { columns, ui } = scene;
  const rows = runRows(ui);
  const at = chosenAt(
    rows.map((row) => row.id),
    screen.cursor,
  );
  const lines: ListedLine[] = [headLine([span(' runs of playbooks', 'strong')])];
  if (rows.length === 0)
    lines.push(...noteLines('No playbook was started here, and none was left open.', 1, columns - 2, 'dim').map(headLine));
  for (const row of rows) for (const spans of rowLines(scene, row)) lines.push(rowLine(row.id, spans));
  return drawListed(scene, lines, rows[at]?.id ?? null, height);
}

function rowLines(scene: Scene, row: RunRow): readonly Line[] {
  const { columns, now } = scene;
  const width = columns - 2;
  if (row.kind === 'here') {
    const { view } = row.run;
    const { glyph, word, token } = phaseOf(row.run, now);
    const took = duration((row.run.endedAt ?? now) - view.startedAt);
    const head = justify(
      [span(` ${glyph} `, token), span(clip(view.title, 46), 'strong'), span(`  ${word}`, token)],
      [span(`${took} `, 'dim')],
      width,
    );
    return [
      head,
      ...noteLines(`${inputWords(view.inputs)}   ${debtsWords(row.run, now)}`, 4, width, view.debts.length > 0 ? 'warn' : 'dim'),
    ];
  }
  const { kept } = row.left;
  const debts = kept.memory.debts();
  const head = justify(
    [span(` ${glyphOf('unknown')} `, 'unknown'), span(clip(kept.title, 46), 'strong'), span(`  left open by ${kept.operator}`, 'unknown')],
    [span(`${shortTime(kept.startedAt, now)} `, 'dim')],
    width,
  );
  const owed = debts.length === 0 ? 'nothing is owed back' : `${debts.length} open: ${debts.map((debt) => debt.what).join('; ')}`;
  const whose = kept.owned ? 'its console still runs   ' : '';
  return [head, ...noteLines(`${whose}${owed}`, 4, width, debts.length > 0 ? 'warn' : 'dim')];
}

/** `node web1, reason try` */
export function inputWords(inputs: Readonly<Record<string, string>>): string {
  return Object.entries(inputs)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}
