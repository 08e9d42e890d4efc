import type { Key } from 'ink';
import { describe, expect, test } from 'vitest';
import { keyEvents, pasteEvent } from '../../views/terminal/keys.ts';

const noKey: Key = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
  super: false,
  hyper: false,
  capsLock: false,
  numLock: false,
};

const names = (input: string, key: Partial<Key> = {}): string[] => keyEvents(input, { ...noKey, ...key }, 5).map((event) => event.key);

describe('keys from Ink', () => {
  test('characters that arrive together are separate presses', () => {
    expect(names('jj')).toEqual(['j', 'j']);
    expect(names('yes\r')).toEqual(['y', 'e', 's', 'enter']);
    expect(names('r n')).toEqual(['r', 'space', 'n']);
  });

  test('control characters inside a chunk keep their names', () => {
    expect(names('\u0004\u0004')).toEqual(['ctrl-d', 'ctrl-d']);
    expect(names('\u0000\u001c')).toEqual(['ctrl-space', 'ctrl-\\']);
    expect(names('a\u007f')).toEqual(['a', 'backspace']);
  });

  test('a control key that Ink has named is that key', () => {
    expect(names('d', { ctrl: true })).toEqual(['ctrl-d']);
    expect(names(' ', { ctrl: true })).toEqual(['ctrl-space']);
    expect(names('\\', { ctrl: true })).toEqual(['ctrl-\\']);
  });

  test('arrows and named keys carry no text', () => {
    expect(keyEvents('', { ...noKey, downArrow: true }, 7)).toEqual([{ key: 'down', text: null, at: 7, pasted: false }]);
    expect(names('', { tab: true, shift: true })).toEqual(['backtab']);
  });

  test('alt with a key is escape and then the key', () => {
    expect(names('q', { meta: true })).toEqual(['escape', 'q']);
  });

  test('an unnamed function key is nothing', () => {
    expect(names('')).toEqual([]);
  });

  test('a held key is typing and a burst of different characters is a paste', () => {
    expect(keyEvents('j'.repeat(40), noKey, 0).some((event) => event.pasted)).toBe(false);
    expect(keyEvents('sudo systemctl restart nginx\ry', noKey, 0).every((event) => event.pasted)).toBe(true);
    expect(pasteEvent('y', 0)).toMatchObject({ key: 'paste', pasted: true });
  });
});
