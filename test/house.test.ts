import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generatedPages } from '../scripts/generated-pages.ts';

const root = join(import.meta.dirname, '..');

function run(tool: string, ...args: readonly string[]): { status: number | null; said: string } {
  const done = spawnSync(join(root, 'node_modules/.bin', tool), args, {
    cwd: root,
    encoding: 'utf8',
    timeout: 170_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status: done.status, said: `${done.stdout}${done.stderr}`.slice(-4000) };
}

describe('the house rules hold', () => {
  test('types are strict', { timeout: 180_000 }, () => {
    expect(run('tsc', '-p', '.')).toMatchObject({ status: 0 });
  });

  test('imports run one way, and every other lint rule', { timeout: 180_000 }, () => {
    expect(run('oxlint', '--type-aware', '--quiet', 'src', 'views', 'test', 'bench', 'scripts')).toMatchObject({ status: 0 });
  });

  test('the code is formatted', { timeout: 180_000 }, () => {
    expect(run('biome', 'format', '.')).toMatchObject({ status: 0 });
  });

  test('there is no file, export or dependency that nothing uses', { timeout: 180_000 }, () => {
    expect(run('knip')).toMatchObject({ status: 0 });
  });

  test.each([...generatedPages().keys()])('%s is what the code makes; else run npm run docs', (path) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(generatedPages().get(path));
  });
});
