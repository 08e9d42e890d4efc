import { formatClock } from '../../src/fleet/duration.ts';
import { describe, expect, test } from 'vitest';
import { brailleChart, roundTop } from '../../views/components/braille-chart.ts';
import { sparkline } from '../../views/components/sparkline.ts';
import { type Column, layOut } from '../../views/components/table.ts';
import { drawField, editField, emptyField, fieldWith } from '../../views/components/text-field.ts';
import * as format from '../../views/format.ts';
import { toAscii } from '../../views/terminal/ascii.ts';
import { clipLine, fitLine, justify, lineWidth, plainText, span } from '../../views/terminal/line.ts';
import { paint, printable } from '../../views/terminal/paint.ts';
import { clip, clipMiddle, widthOf, wrap } from '../../views/terminal/width.ts';
import { createTheme } from '../../views/theme.ts';

describe('sparkline', () => {
  test('an absent value is a gap and zero is the lowest bar', () => {
    expect(sparkline([0, null, 100], 3, 100)).toBe('▁ █');
  });

  test('it is right-aligned and never wider than asked', () => {
    expect(sparkline([100], 4, 100)).toBe('   █');
    expect(sparkline([1, 2, 3, 4, 5, 6], 3, 6)).toHaveLength(3);
  });

  test('values above the top stay in the row', () => {
    expect(sparkline([250], 1, 100)).toBe('█');
  });
});

describe('braille chart', () => {
  const chart = (values: (number | null)[], limit: number | null = null): string[] =>
    brailleChart({ values, width: 20, height: 3, top: 100, limit, label: String }).map(plainText);

  test('it has the asked height and width, with the scale at both edges', () => {
    const drawn = chart([0, 100]);
    expect(drawn).toHaveLength(3);
    expect(drawn.every((text) => widthOf(text) === 20)).toBe(true);
    expect(drawn[0]?.trimStart().startsWith('100')).toBe(true);
    expect(drawn[2]?.trimStart().startsWith('0')).toBe(true);
  });

  test('a time that was not measured leaves no dots', () => {
    expect(chart([null, null, null, null]).join('')).not.toMatch(/[\u2801-\u28ff]/);
    expect(chart([50, 50, null, null]).join('')).toMatch(/[\u2801-\u28ff]/);
  });

  test('the limit is a dashed line where no curve runs', () => {
    expect(chart([10, 10], 90)[0]).toContain('╌');
  });

  test('the scale ends on a round number', () => {
    expect([0, 0.3, 48, 120, 2911].map(roundTop)).toEqual([1, 0.5, 50, 200, 5000]);
  });
});

describe('text width', () => {
  test('wide characters count two columns and are never halved', () => {
    expect(widthOf('日本')).toBe(4);
    expect(clip('日本語', 4)).toBe('日…');
    expect(lineWidth(fitLine([span('日本語')], 4))).toBe(4);
  });

  test('the middle of a long name gives way', () => {
    expect(clipMiddle('gke-prod-web-a1b2', 9)).toBe('gke-…a1b2');
  });

  test('a line is cut to its columns over several spans', () => {
    expect(plainText(clipLine([span('abc'), span('def'), span('ghi')], 5))).toBe('abcd…');
    expect(plainText(clipLine([span('abc'), span('de')], 5))).toBe('abcde');
    expect(plainText(clipLine([span('abcde'), span('f')], 5))).toBe('abcd…');
  });

  test('the right side of a line keeps its place', () => {
    expect(plainText(justify([span('a long left side')], [span('right')], 12))).toBe('a long…right'.slice(0, 12));
  });

  test('wrapping loses no word and breaks only words wider than a line', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
  });
});

describe('painting', () => {
  test('control characters of a text become dots', () => {
    expect(printable('a\u001b]52;c;x\u0007b\u009b31mc\u202ed')).toBe('a·]52;c;x·b·31mc·d');
  });

  test('spans of one token share one style', () => {
    const theme = createTheme({ color: true, ascii: false });
    expect(paint(theme, [span('a', 'ok'), span('b', 'ok')], 10)).toBe('\u001b[32mab\u001b[39m');
  });

  test('without colour only bold, dim and inverse are left', () => {
    const { styles } = createTheme({ color: false, ascii: false });
    // oxlint-disable-next-line no-control-regex -- SGR begins with ESC
    for (const style of Object.values(styles)) if (style !== null) expect(style.open).toMatch(/^\u001b\[(?:[127];?)+m$/);
  });

  test('the ASCII fallback keeps every column', () => {
    for (const text of ['● ok ▲ ■ … – →', '▁▂▃▄▅▆▇█', '⠁⡀⣿', '日本']) {
      // oxlint-disable-next-line no-control-regex -- ASCII is meant
      expect(toAscii(text)).toMatch(/^[\u0020-\u007e]*$/);
      expect(toAscii(text)).toHaveLength(widthOf(text));
    }
  });
});

describe('table layout', () => {
  const column = (id: string, min: number, priority: number, more: Partial<Column<null>> = {}): Column<null> => ({
    id,
    title: () => id,
    min,
    ideal: min + 4,
    max: min + 4,
    priority,
    align: 'left',
    cell: () => [],
    ...more,
  });
  const columns = [column('a', 10, 100), column('b', 10, 10), column('c', 10, 50, { max: 500 })];

  test('the least wanted column goes first and the order stays', () => {
    expect(layOut(columns, 21, 1).map(({ column: one }) => one.id)).toEqual(['a', 'c']);
    expect(layOut(columns, 32, 1).map(({ column: one }) => one.id)).toEqual(['a', 'b', 'c']);
  });

  test('widths and gaps never exceed the table', () => {
    for (let width = 10; width < 120; width += 1) {
      const placed = layOut(columns, width, 2);
      const used = placed.reduce((sum, one) => sum + one.width, 0) + (placed.length - 1) * 2;
      expect(used).toBeLessThanOrEqual(width);
    }
  });

  test('an optional column waits until all others have their ideal width', () => {
    const more = [...columns, column('d', 4, 99, { optional: true })];
    expect(layOut(more, 40, 1).some(({ column: one }) => one.id === 'd')).toBe(false);
    expect(layOut(more, 60, 1).some(({ column: one }) => one.id === 'd')).toBe(true);
  });
});

describe('text field', () => {
  const key = (name: string, text: string | null = null) => ({ key: name, text, at: 0, pasted: false });

  test('it inserts at the cursor and edits as a shell does', () => {
    let field = fieldWith('nginx web');
    field = editField(field, key('ctrl-w'));
    expect(field.text).toBe('nginx ');
    field = editField(editField(field, key('ctrl-a')), key('x', 'x'));
    expect(field).toEqual({ text: 'xnginx ', cursor: 1 });
    expect(editField(field, key('ctrl-u')).text).toBe('nginx ');
    expect(editField(editField(field, key('ctrl-e')), key('backspace')).text).toBe('xnginx');
  });

  test('a paste becomes one line', () => {
    expect(editField(emptyField, { key: 'paste', text: 'a\r\nb\tc', at: 0, pasted: true }).text).toBe('a b c');
  });

  test('a hidden field shows nothing of its text', () => {
    expect(plainText(drawField(fieldWith('geheim'), true))).toBe('•••••• ');
  });
});

describe('numbers for people', () => {
  test('what was not measured is a dash and never zero', () => {
    expect([format.count(null), format.percent(null), format.milliseconds(null), format.bytes(null), format.age(null)]).toEqual(
      Array.from({ length: 5 }, () => '–'),
    );
    expect(format.count(0)).toBe('0');
  });

  test('rates, times and sizes are short', () => {
    expect(format.count(2911)).toBe('2 911');
    expect(format.milliseconds(48)).toBe('48.0');
    expect(format.duration(192_000)).toBe('3m12s');
    expect(format.duration(90_061_000)).toBe('1d01h');
    expect(format.bytes(1_288_490_189)).toBe('1.2G');
    expect(formatClock(Date.UTC(2026, 2, 2, 14, 7, 31))).toBe('14:07:31Z');
  });
});
