import type { Binding } from '../bindings/binding.ts';
import { keyLabel } from '../keymap.ts';
import { runOfScreen } from '../playbook-flow.ts';
import type { Scene } from '../scene.ts';
import { type Line, lineWidth, span, type Span } from '../terminal/line.ts';
import { screenOf } from '../state.ts';

/** The footer: what the keys do here, as many as fit; help is always among them. */
export function keyHints(scene: Scene): Line {
  const { kind } = screenOf(scene.ui);
  const shown = scene.bindings
    .filter((one) => one.footer !== null && one.screens.includes(kind) && scene.reasonOf(one) === null)
    .filter((one) => !(one.id === 'help' && kind === 'help') && !(one.id === 'leave' && scene.ui.position === 0))
    .sort((a, b) => (a.footer ?? 0) - (b.footer ?? 0));
  const hints = shown.map((one) => hint(one.keys[0] ?? '', labelNow(scene, one)));
  const last = hints.at(-1) ?? [];
  const out: Span[] = [span(' ')];
  for (const [index, drawn] of hints.entries()) {
    const reserved = index === hints.length - 1 ? 0 : lineWidth(last) + 2;
    if (lineWidth(out) + lineWidth(drawn) + reserved + 2 > scene.columns) continue;
    if (out.length > 1) out.push(span('  '));
    out.push(...drawn);
  }
  return out;
}

/** One key answers several questions of a run; what it would do to this one stands beside it. */
const answerLabels: Readonly<Record<string, string>> = {
  'step-go go': 'send it',
  'step-go batch': 'next batch',
  'step-go manual': 'done',
  'step-go undo': 'take it back',
  'step-undo unknown': 'nobody knows',
  'step-retry unknown': 'ask its host again',
};

/** What a key would do now: the one that arms writes locks them again while they are armed. */
function labelNow({ console, env, ui }: Scene, { id, label }: Binding): string {
  const answer = answerLabels[`${id} ${runOfScreen(ui)?.asked?.question.kind ?? ''}`];
  if (answer !== undefined) return answer;
  return id === 'arm' && env !== null && console.executor.armed(env).state === 'armed' ? 'lock writes' : label;
}

/** `<r> restart` */
export function hint(key: string, label: string): Line {
  return [span(keyLabel(key), 'key'), span(` ${label}`, 'dim')];
}

/** Hints of a dialog: `<esc> cancel  <y> yes`. */
export function hints(pairs: readonly (readonly [string, string])[]): Line {
  return pairs.flatMap(([key, label], index) => [...(index === 0 ? [] : [span('   ')]), ...hint(key, label)]);
}
