import { chmodSync, chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { StateDirError, stateDir } from '../../src/journal/state-dir.ts';
import { ownDir, skipWithout } from './fixture.ts';

test('the flag wins over XDG_STATE_HOME, which wins over the home directory', () => {
  const dir = ownDir();
  expect(stateDir({ XDG_STATE_HOME: join(dir, 'xdg') }, join(dir, 'home'), join(dir, 'flag'))).toBe(join(dir, 'flag'));
  expect(stateDir({ XDG_STATE_HOME: join(dir, 'xdg') }, join(dir, 'home'), null)).toBe(join(dir, 'xdg', 'quarterdeck'));
  expect(stateDir({}, join(dir, 'home'), null)).toBe(join(dir, 'home', '.local', 'state', 'quarterdeck'));
});

test('a relative or empty XDG_STATE_HOME is ignored', () => {
  const dir = ownDir();
  for (const value of ['state', ''])
    expect(stateDir({ XDG_STATE_HOME: value }, dir, null)).toBe(join(dir, '.local', 'state', 'quarterdeck'));
  expect(existsSync('state')).toBe(false);
});

test('it is made for its owner alone', () => {
  const dir = join(ownDir(), 'state');
  stateDir({}, '/', dir);
  expect(statSync(dir).mode & 0o777).toBe(0o700);
});

test('a directory others may write in is refused with the remedy', () => {
  const dir = join(ownDir(), 'state');
  mkdirSync(dir);
  for (const mode of [0o770, 0o702]) {
    chmodSync(dir, mode);
    expect(() => stateDir({}, '/', dir)).toThrow(
      new StateDirError(`Others may write in the state directory ${dir} (mode 0${mode.toString(8)}); run chmod 700 ${dir}.`),
    );
  }
});

test('a file in its place is a sentence', () => {
  const file = join(ownDir(), 'file');
  writeFileSync(file, '');
  expect(() => stateDir({}, '/', file)).toThrow(`The state directory ${file} is not a directory; name another with --state-dir.`);
  expect(() => stateDir({}, '/', join(file, 'below'))).toThrow('a file stands in its place');
});

const isRoot = process.getuid?.() === 0;

test.skipIf(skipWithout(isRoot))("another user's directory is refused (needs root)", () => {
  const dir = join(ownDir(), 'state');
  mkdirSync(dir, { mode: 0o700 });
  chownSync(dir, 12345, 12345);
  expect(() => stateDir({}, '/', dir)).toThrow('belongs to another user (uid 12345)');
});
