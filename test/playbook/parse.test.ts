import { expect, test } from 'vitest';
import { parsePlaybook } from '../../src/playbook/parse-playbook.ts';

const head = 'playbook: x\nformat: 1\ntitle: X\nowner: ops\nreviewed: "2026-11-21"\nwhen_to_use: now\n';
const problemsOf = (text: string): readonly string[] => {
  const parsed = parsePlaybook(text, 'x.yaml');
  if (parsed.ok) return [];
  for (const { message, remedy } of parsed.problems) expect([message, remedy]).toEqual([message, expect.stringMatching(/\w.*[.?]$/s)]);
  return parsed.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
};

test.each([
  ['steps:\n  - check: uptime\n', /^8:\d+ .*runs on a host/],
  ['steps:\n  - wait: { port: 80 }\n', /^8:\d+ .*timeout.* is missing/],
  ['steps:\n  - run: ls\n    host: web1\n    timeout: 5s\n', /undo.* is missing/],
  ['steps:\n  - tell: a\n    stop: b\n', /^9:5 .*both "tell" and "stop"/],
  ['steps:\n  - why: nothing\n', /^8:\d+ .*no verb/],
  ['steps:\n  - id: a\n    tell: x\n  - id: a\n    tell: y\n', /^10:\d+ .*"a" is given twice/],
  ['steps:\n  - tell: x\n    until: y\n', /^9:5 .*"until" says nothing in a "tell" step/],
  ['steps:\n  - check: { port: 1, dns: x }\n', /asks one thing/],
  ['steps:\n  - branch: [{ steps: [{ tell: x }] }]\n', /either "when" or "else: true"/],
  ['steps:\n  - wait: { port: 80 }\n    timeout: soon\n', /^9:\d+ .*duration/],
  ['steps:\n  - tell: x\n    telll: y\n', /^9:5 .*telll/],
  ['inputs: { key: { type: secret, default: x } }\nsteps: [{ tell: x }]\n', /^7:.*must not stand in the file/],
])('a fault is told at its place: %j', (rest, words) => {
  expect(problemsOf(head + rest).join('\n')).toMatch(words);
});

test('one bad step hides no other', () => {
  const told = problemsOf(`${head}steps:\n  - why: a\n  - tell: ok\n  - run: ls\n`);
  expect(told.some((line) => line.startsWith('8:'))).toBe(true);
  expect(told.some((line) => line.startsWith('10:'))).toBe(true);
});

test('a step without an id is named by its place, one inside another behind it', () => {
  const parsed = parsePlaybook(`${head}steps:\n  - section: a\n    steps: [{ tell: x }, { id: named, tell: y }]\n  - tell: z\n`, 'x.yaml');
  expect(
    parsed.ok && parsed.playbook.steps.map((step) => [step.address, step.verb === 'section' ? step.steps.map((each) => each.address) : []]),
  ).toEqual([
    ['1', ['1.in.1', 'named']],
    ['2', []],
  ]);
});

test.each(['', '[]', 'a: [', '"text"'])('no playbook at all is a problem, not a crash: %j', (text) => {
  expect(problemsOf(text).length).toBeGreaterThan(0);
});
