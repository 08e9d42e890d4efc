import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFleet } from '../../src/config/parse-fleet.ts';
import { fixtureNames, fixtureText, faultsOf } from './fixture.ts';

const start = 'fleet: a\ninventory: [{ static: [{ name: a }] }]\n';

function bomb(): string {
  const level = (name: string, of: string) => `${name}: &${name} [${Array.from({ length: 9 }, () => of).join(', ')}]\n`;
  const names = ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
  return `${start}${level('a', 'lol')}${names.map((name, index) => level(name, `*${'abcdefgh'[index]}`)).join('')}`;
}

const attacks: readonly [string, string, RegExp][] = [
  ['9^9 values behind aliases', bomb(), /aliases|expand/],
  ['20,000 nested lists', `${start}x: ${'['.repeat(20_000)}`, /nested deeper than 32 levels/],
  ['20,000 nested maps', `${start}x: ${'{a: '.repeat(20_000)}`, /nested deeper than 32 levels/],
  ['100,000 nested dashes', `${start}x:\n  ${'- '.repeat(100_000)}`, /nested deeper than 32 levels/],
  ['a list that holds itself', `${start}x: &x [*x]`, /nested deeper|no anchor/],
  ['a flood of merge keys', `${start}x: &x {}\ny:\n${'  <<: *x\n'.repeat(10_000)}`, /Merge keys/],
  ['a flood of aliases', `${start}x: &x 1\ny: [${'*x, '.repeat(40_000)}]`, /more than 100 aliases/],
  ['a prototype', `${start}__proto__: { polluted: yes }\nssh: { __proto__: { user: root } }`, /"__proto__" is not allowed/],
  ['20,000 unknown keys', `${start}${Array.from({ length: 20_000 }, (_, index) => `k${index}: 1\n`).join('')}`, /Unknown key/],
  ['20,000 equal keys', `${start}${'ssh: {}\n'.repeat(20_000)}`, /given twice/],
  [
    'a chain of 15,000 roles',
    `${start}depends: {${Array.from({ length: 15_000 }, (_, index) => `r${index}: r${index + 1}`).join(', ')}}`,
    /no inventory source/,
  ],
  ['more than 256 KB', `${start}# ${'x'.repeat(256 * 1024)}`, /larger than 256 KB/],
  ['a line of 200 KB', `${start}${'x'.repeat(200_000)}: 1`, /not valid YAML|Unknown key/],
];

describe('a hostile file', () => {
  test.each(attacks)('%s is refused by name', (_, text, expected) => {
    const faults = faultsOf(text);
    expect(faults.join('\n')).toMatch(expected);
    expect(faults.length).toBeLessThanOrEqual(101);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  test('all attacks together fit a process with a heap of 96 MB', () => {
    const script = `
      import { parseFleet } from ${JSON.stringify(new URL('../../src/config/parse-fleet.ts', import.meta.url).href)};
      let input = ''; for await (const part of process.stdin) input += part;
      for (const text of JSON.parse(input)) if (parseFleet(text, 'x.yaml', '/home').ok) throw new Error('accepted');
      process.stdout.write('refused');`;
    const texts = JSON.stringify(attacks.map(([, text]) => text));
    const out = execFileSync(process.execPath, ['--max-old-space-size=96', '--input-type=module', '-e', script], {
      input: texts,
      timeout: 60_000,
    });
    expect(out.toString()).toBe('refused');
  });
});

describe('any file at all', () => {
  const good = fixtureNames('good').map((name) => fixtureText('good', name));
  const pieces = [
    '[',
    ']',
    '{',
    '}',
    ': ',
    '- ',
    '&a ',
    '*a',
    '!!x ',
    '<<: ',
    '"',
    "'",
    '|',
    '\n',
    '\t',
    '  ',
    '#',
    '?',
    ',',
    '0',
    '~',
    '%',
    '\u0000',
    '\ud800',
    '__proto__',
    'é',
    '漢',
  ];

  const mutated = fc
    .tuple(
      fc.constantFrom(...good),
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 30 }), fc.oneof(fc.constantFrom(...pieces), fc.string())), { maxLength: 6 }),
    )
    .map(([text, edits]) => {
      let out = text;
      for (const [where, length, piece] of edits) {
        const at = where % (out.length + 1);
        out = out.slice(0, at) + piece + out.slice(at + length);
      }
      return out;
    });

  function isAnswered(text: string): void {
    const result = parseFleet(text, 'x.yaml', '/home/ann');
    if (result.ok) {
      expect(result.fleet.name).not.toBe('');
      return;
    }
    expect(result.problems.length).toBeGreaterThan(0);
    const lines = text.split('\n');
    for (const { line, column, message, remedy, excerpt } of result.problems) {
      expect(line).toBeGreaterThanOrEqual(1);
      expect(line).toBeLessThanOrEqual(lines.length);
      expect(column).toBeGreaterThanOrEqual(1);
      expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
      expect(`${message}${remedy ?? ''}`).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e]/u);
      expect(excerpt).not.toMatch(/(?!\n)[\p{Cc}\p{Cs}\u202a-\u202e]/u);
      expect(message).toMatch(/[.?]$/);
    }
  }

  test('a good file with a few edits is a fleet or a list of problems at real places', () => {
    fc.assert(fc.property(mutated, isAnswered), { numRuns: 300 });
  });

  test('text that is no YAML of ours is a list of problems', () => {
    const noise = fc.array(fc.oneof(fc.constantFrom(...pieces, 'fleet', 'inventory', 'static', 'on'), fc.string({ unit: 'grapheme' })), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(noise, (parts) => isAnswered(parts.join(''))),
      { numRuns: 300 },
    );
  });

  test('right keys with any values are a fleet or a list of problems', () => {
    const keys = fc.constantFrom(
      'fleet',
      'inventory',
      'ssh',
      'services',
      'checks',
      'limits',
      'pools',
      'backups',
      'depends',
      'actions',
      'never',
      'redact',
      'on',
      'kind',
      'static',
      'name',
      'http',
      'nfs_iops',
      'roles',
    );
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(keys, tie('any'), { maxKeys: 4 }),
      ),
    })).any;
    fc.assert(
      fc.property(fc.dictionary(keys, value, { maxKeys: 8 }), (data) => isAnswered(JSON.stringify(data))),
      { numRuns: 300 },
    );
  });
});
