import type { JsonValue } from '../../journal/entry.ts';
import type { FrozenUndo } from './events.ts';

/** What stands where a secret was. */
export const hidden = '•••';

interface Mask {
  mask(text: string): string;
  maskedJson(value: JsonValue): JsonValue;
}

/** How a step is taken back, as it may be kept. */
export function maskedUndo(undo: FrozenUndo, by: Mask): FrozenUndo {
  switch (undo.kind) {
    case 'auto':
      return undo;
    case 'do':
      return { ...undo, with: Object.fromEntries(Object.entries(undo.with).map(([name, value]) => [name, by.maskedJson(value)])) };
    case 'run':
      return { ...undo, command: by.mask(undo.command) };
    case 'manual':
      return { ...undo, text: by.mask(undo.text) };
    default:
      return undo satisfies never;
  }
}

/** Whether it was kept without a secret that it needs: it must not be run so. */
export function holdsHidden(undo: FrozenUndo): boolean {
  return undo.kind !== 'manual' && JSON.stringify(undo).includes(hidden);
}
