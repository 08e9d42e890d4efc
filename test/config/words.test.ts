import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, nearest } from '../../src/config/nearest.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { parseDuration, parseHostPort, parseSize } from '../../src/config/schema/values.ts';
import { parseJump } from '../../src/config/schema/ssh.ts';
import { SourceText } from '../../src/config/source-text.ts';
import { quoted } from '../../src/config/visible.ts';

describe('the nearest word', () => {
  test.each([
    ['titel', 'title'],
    ['Web', 'web'],
    ['max_aeg', 'max_age'],
    ['stop-after', 'stop_after'],
    ['zzz', null],
    ['db', null],
    ['x'.repeat(500), null],
  ])('of %s is %s', (word, expected) => {
    expect(nearest(word, ['title', 'web', 'max_age', 'stop_after', 'lb'])).toBe(expected);
  });

  test('a distance is the same both ways, 0 only for equal words, and never above the limit by more than one', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), fc.nat({ max: 6 }), (a, b, limit) => {
        const distance = editDistance(a, b, limit);
        expect(distance).toBe(editDistance(b, a, limit));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(limit + 1);
      }),
    );
  });
});

describe('values in the words of the file', () => {
  test.each([
    ['500ms', 500],
    ['5s', 5000],
    ['3m', 180_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['1.5h', 5_400_000],
    ['5', null],
    ['s', null],
    ['-5s', null],
    ['4000d', null],
    ['1e3s', null],
  ])('the duration %s is %s ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each([
    ['20GB', 20e9],
    ['4GiB', 2 ** 32],
    ['512B', 512],
    ['20', null],
    ['20gb', null],
  ])('the size %s is %s bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  test.each([
    ['localhost:80', { host: 'localhost', port: 80 }],
    ['[::1]:443', { host: '::1', port: 443 }],
    ['example.org', { host: 'example.org', port: null }],
    ['a:0', null],
    ['a:70000', null],
    ['-oProxyCommand=x', null],
    ['a b', null],
  ])('the place %s is %j', (text, place) => expect(parseHostPort(text)).toEqual(place));

  test.each([
    ['ansible2', { user: null, host: 'ansible2', port: null }],
    ['me@[fe80::1%eth0]:22', { user: 'me', host: 'fe80::1%eth0', port: 22 }],
    ['-x@host', null],
    ['me@', null],
  ])('the jump %s is %j', (text, jump) => expect(parseJump(text)).toEqual(jump));
});

describe('a place in a text', () => {
  test('the carets stand under wide characters, tabs and the end of a line', () => {
    expect(new SourceText('a: 漢字 [x]\n').excerpt({ start: 6, end: 9 })).toBe('   1 | a: 漢字 [x]\n     |         ^^^');
    expect(new SourceText('\ta: b').excerpt({ start: 1, end: 2 })).toBe('   1 |  a: b\n     |  ^');
    expect(new SourceText('a:\r\nb:').excerpt({ start: 2, end: 2 })).toBe('   1 | a:\n     |   ^');
  });

  test('a long line is cut around the place', () => {
    const [line = '', carets = ''] = new SourceText(`${'a'.repeat(500)}HERE${'b'.repeat(500)}`)
      .excerpt({ start: 500, end: 504 })
      .split('\n');
    expect(line.length).toBeLessThan(130);
    expect(line.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('HERE');
  });

  test('every offset has a line and column that lead back to it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '\n', 'é') }), fc.nat({ max: 30 }), (text, offset) => {
        const inside = Math.min(offset, text.length);
        const { line, column } = new SourceText(text).positionAt(offset);
        const before = text
          .split('\n')
          .slice(0, line - 1)
          .reduce((sum, one) => sum + one.length + 1, 0);
        expect(before + column - 1).toBe(inside);
      }),
    );
  });

  test('a problem is printed as file:line:column, sentence, remedy and excerpt', () => {
    const problem = { file: 'a.yaml', line: 2, column: 3, message: 'No.', remedy: 'Yes.', excerpt: '   2 | x\n     | ^' };
    expect(formatProblem(problem)).toBe('a.yaml:2:3: No. Yes.\n   2 | x\n     | ^');
    expect(formatProblem({ ...problem, line: 0, remedy: null, excerpt: '' })).toBe('a.yaml: No.');
  });

  test('a quoted value cannot steer a terminal and stays short', () => {
    expect(quoted('a\x1b[31m\u202eb\nc')).toBe('"a·[31m·b·c"');
    expect(quoted('x'.repeat(1000))).toHaveLength(62);
    expect(quoted(`${'x'.repeat(58)}\u{10000}\u{10000}`)).toBe(`"${'x'.repeat(58)}·…"`);
  });
});
