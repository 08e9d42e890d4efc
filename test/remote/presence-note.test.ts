import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { utimesSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { meetAt, readPresence, whoIsAt } from '../../src/remote/presence-note.ts';

let ann = '';
let bob = '';
beforeEach(() => {
  ann = randomBytes(8).toString('hex');
  bob = randomBytes(8).toString('hex');
});
afterEach(() => {
  for (const token of [ann, bob]) sh(`rm -rf /run/lock/quarterdeck-here-${token} /tmp/quarterdeck-here-${token}`);
});

function sh(text: string): string {
  return spawnSync('sh', ['-c', text], { encoding: 'utf8', timeout: 10_000 }).stdout;
}

const seen = (stdout: string): string[] => readPresence(stdout).map((presence) => presence.who);

test('two consoles on a host see each other and not themselves', () => {
  const [annName, bobName] = [`ann-${ann}@a`, `b'ob-${bob}@b`];
  expect(seen(sh(meetAt(annName, ann)))).not.toContain(annName);
  expect(seen(sh(meetAt(bobName, bob)))).toContain(annName);
  expect(seen(sh(meetAt(annName, ann)))).toContain(bobName);
});

test('one that only looks is told who is there and leaves nothing', () => {
  const name = `ann-${ann}@a`;
  sh(meetAt(name, ann));
  const before = sh('ls /run/lock /tmp | grep -c quarterdeck-here');
  expect(seen(sh(whoIsAt()))).toContain(name);
  expect(sh('ls /run/lock /tmp | grep -c quarterdeck-here')).toBe(before);
});

test('a note of two minutes ago says nothing any more and is taken away', () => {
  const name = `ann-${ann}@a`;
  sh(meetAt(name, ann));
  const file = sh(`ls -d /run/lock/quarterdeck-here-${ann} /tmp/quarterdeck-here-${ann} 2>/dev/null`).trim();
  const old = Date.now() / 1000 - 500;
  utimesSync(`${file}/who`, old, old);
  expect(seen(sh(meetAt(`bob-${bob}@b`, bob)))).not.toContain(name);
  expect(sh(`ls -d ${file} 2>/dev/null`)).toBe('');
});

test('a hostile note cannot reach the terminal raw', () => {
  expect(readPresence('\n#here 3 \u001b]52;c;cHduZWQ=\u0007eve\n')[0]?.who).not.toContain('\u001b');
});
