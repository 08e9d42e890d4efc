import type { Panel } from '../components/dialog.ts';
import { hints } from '../components/key-hints.ts';
import { drawField } from '../components/text-field.ts';
import type { Scene } from '../scene.ts';
import type { OpenQuestion, RecoveryDialog } from '../dialog-state.ts';
import { blank, line, span } from '../terminal/line.ts';
import { wrap } from '../terminal/width.ts';
import { field } from './card-field.ts';

/** What a person must say, because nothing shows what became of a change. It is never run again by itself. */
export function recoveryPanel(scene: Scene, dialog: RecoveryDialog, { item, summary, evidence }: OpenQuestion): Panel {
  const width = scene.columns - 6;
  const command = item.plan.commands.find(({ purpose }) => purpose === 'change')?.command ?? null;
  return {
    title: `what became of: ${item.plan.title}?`,
    env: item.plan.env,
    body: [
      ...wrap(
        'A console ended in the middle of this change, and its host does not show whether it happened. Nothing is run again.',
        width,
      ).map((part) => line(part)),
      blank,
      ...field('on', item.plan.subject, width, 'strong'),
      ...(command === null ? [] : field('runs', command, width, 'accent')),
      ...field('begun', `${item.at} by ${item.who}`, width),
      ...field('seen', summary, width, 'unknown'),
      ...evidence.flatMap((text) => field('', `· ${text}`, width)),
    ],
    foot:
      dialog.answer === null
        ? [
            hints([
              ['o', 'it is ok'],
              ['f', 'it failed'],
              ['u', 'unknown for good'],
              ['l', 'later'],
            ]),
          ]
        : [
            [span(`${dialog.answer}. How do you know? `, 'strong'), ...drawField(dialog.field)],
            hints([
              ['enter', 'write it into the journal'],
              ['esc', 'another answer'],
            ]),
          ],
  };
}
