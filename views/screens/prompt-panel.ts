import type { Panel } from '../components/dialog.ts';
import { hints } from '../components/key-hints.ts';
import { drawField } from '../components/text-field.ts';
import type { Dialog } from '../dialog-state.ts';
import type { PendingPrompt } from '../prompt-queue.ts';
import type { Scene } from '../scene.ts';
import { blank, type Line, line, span } from '../terminal/line.ts';
import { wrap } from '../terminal/width.ts';

/** What a connection asks before it goes on: a key's passphrase, or whether an unknown host key is the right one. */
export function promptPanel(scene: Scene, dialog: Extract<Dialog, { kind: 'prompt' }>, prompt: PendingPrompt): Panel {
  const waiting = scene.prompts.length > 1 ? `   1 of ${scene.prompts.length} questions` : '';
  const wrong: Line[] = dialog.wrong === null ? [] : [line(dialog.wrong, 'warn')];
  if (prompt.kind === 'passphrase') {
    return {
      title: `passphrase${waiting}`,
      env: null,
      body: [
        ...(prompt.question.again ? [line('That was not the passphrase.', 'warn')] : []),
        [span('The key '), span(prompt.question.keyFile, 'strong'), span(' is locked. The passphrase is kept in memory only.')],
      ],
      foot: [
        ...wrong,
        [span('Passphrase: ', 'strong'), ...drawField(dialog.field, true)],
        hints([
          ['enter', 'unlock'],
          ['esc', 'go on without this key'],
        ]),
      ],
    };
  }
  const { hostName, knownAs, keyType, fingerprint, file } = prompt.question;
  const width = scene.columns - 6;
  const many = scene.prompts.filter((one) => one.kind === 'host-key').length > 1;
  return {
    title: `unknown host key of ${hostName}${waiting}`,
    env: null,
    body: [
      ...wrap(
        `${hostName} was never seen before. Compare this fingerprint with one from a source you trust before you accept it.`,
        width,
      ).map((part) => line(part)),
      blank,
      [span('fingerprint  ', 'dim'), span(fingerprint, 'strong')],
      [span('key type     ', 'dim'), span(keyType)],
      [span('known as     ', 'dim'), span(knownAs)],
      [span('stored in    ', 'dim'), span(file)],
    ],
    foot: [
      ...wrong,
      [span('Type yes and Enter to accept: ', 'strong'), ...drawField(dialog.field)],
      [
        span(' Cancel ', 'cursor'),
        span('   '),
        ...hints([['esc', 'refuse'], ...(many ? ([['none', 'typed: refuse all waiting']] as const) : [])]),
      ],
    ],
  };
}
