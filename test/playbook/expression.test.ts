import { expect, test } from 'vitest';
import { condition, evaluate, expressionFault, namesIn, patternFaults, unknown } from '../../src/playbook/expression.ts';

const known = { a: 4, b: 2, c: 1, out: ' 7\n', node: 'web1', node_state: { web1: 'healthy' }, body: '{"directory":1}' };

test.each([
  ['(a + 1) * 2 == 10 && true', true],
  ['a - (b - c) == 3 || false', true],
  ['((a)) == 4 && (b) == 2', true],
  ['number(out) <= 5', false],
  ['a / 2 == 2', true],
  ['node_state[node] == "healthy"', true],
  [`body.contains('"directory"') && body.contains(')') == false`, true],
  ['[1, 2].exists(x, x > 1)', true],
])('%s is %s', (text, value) => {
  expect(condition(text, known)).toEqual({ kind: 'value', value });
});

test.each([
  ['false && gap', { kind: 'value', value: false }],
  ['gap && false', { kind: 'value', value: false }],
  ['true || gap.out', { kind: 'value', value: true }],
  ['true && gap', { kind: 'unknown', because: 'gap' }],
  ['gap.out == "" || false', { kind: 'unknown', because: 'gap' }],
  ['!gap', { kind: 'unknown', because: 'gap' }],
  ['inside.part == 1', { kind: 'unknown', because: 'inside.part' }],
  ['inside.known == 1', { kind: 'value', value: true }],
])('three values: %s', (text, truth) => {
  expect(condition(text, { gap: unknown, inside: { part: unknown, known: 1 } })).toEqual(truth);
});

test.each(['1 && true', '"no" || false', '!5', 'a ? true : false', 'a + 1', 'missing == 1', 'number("ten") > 1', 'number("") == 0', 'a >'])(
  '%s is wrong and says why, never true',
  (text) => {
    const truth = condition(text, known);
    expect(truth.kind).toBe('wrong');
    if (truth.kind === 'wrong') expect(truth.why).toMatch(/\w+ \w+/);
  },
);

test('an expression that does not parse has a fault of one line; its names are those it does not bind itself', () => {
  expect(expressionFault('a >')).toMatch(/^[^\n]+$/);
  expect(expressionFault('a > 1')).toBeNull();
  expect(namesIn('before.out != "" && list.all(x, x > limit)')).toEqual(['before', 'list', 'limit']);
});

test('a literal pattern that the evaluation refuses is known beforehand, with what stands in the text', () => {
  const text = String.raw`out == "" || out.matches('(?=a)b') && names.exists(n, n.matches(r"\d("))`;
  expect(patternFaults(text).map(({ written }) => written)).toEqual(['(?=a)b', String.raw`\d(`]);
  expect(evaluate('out.matches("(?=a)b")', { out: 'b' })).toMatchObject({ kind: 'wrong' });
  expect(patternFaults(String.raw`out.matches('(^|\\n)(9[6-9]|100)(\\n|$)') && out.matches(wanted)`)).toEqual([]);
  expect(patternFaults('a >')).toEqual([]);
});

test('a list stays a list and its numbers are plain', () => {
  expect(evaluate('hosts', { hosts: ['web1', 'web2'] })).toEqual({ kind: 'value', value: ['web1', 'web2'] });
});

test.each(['(a+)+$', '(a|aa)+$', '(.*a){20}$', '([a-z]+)*!', '(x+x+)+y'])(
  '%s, which goes back without end in JavaScript, is held against a long output at once, also inside a macro',
  (pattern) => {
    const out = `${'ax'.repeat(100_000)}\u2026`;
    expect(condition(`out.matches('${pattern}')`, { out })).toEqual({ kind: 'value', value: false });
    expect(condition(`[out].exists(o, o.matches('${pattern}')) == true`, { out })).toEqual({ kind: 'value', value: false });
  },
);

test('patterns are those of RE2, flags and POSIX classes among them; a pattern that is known only in the run is held to the same', () => {
  expect(condition(`out.matches('(?m)^b$') && out.matches("(?i)A") && out.matches('^[[:alpha:]]')`, { out: 'a\nb' })).toMatchObject({
    value: true,
  });
  for (const pattern of ['(?!a)b', '(a)\\1', 'a++'])
    expect(condition('out.matches(wanted)', { out: 'ab', wanted: pattern })).toMatchObject({ why: expect.stringMatching(/RE2|nested/) });
  expect(condition('n.matches("1")', { n: 1 })).toMatchObject({ why: expect.stringContaining("'double.matches(string)'") });
});

test('a pattern of many steps is not held against a text of a megabyte: that is wrong and says so', () => {
  expect(condition('out.matches("[ab]{200}[cd]")', { out: 'ab'.repeat(500_000) })).toMatchObject({
    why: 'the pattern "[ab]{200}[cd]" is too large for a text of 977 KB',
  });
  expect(patternFaults('out.matches("[ab]{300}")')).toMatchObject([{ why: 'it is too large, 302 steps of at most 250' }]);
});
