import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const script = `
const { sqlite } = await import(process.argv[1]);
sqlite();
sqlite();
process.emitWarning('another warning');
`;

test('loading SQLite prints no warning, and other warnings still come through', () => {
  const path = join(import.meta.dirname, '../../src/journal/sqlite.ts');
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script, path], { encoding: 'utf8' });
  expect([stdout, status]).toEqual(['', 0]);
  expect(stderr).toContain('another warning');
  expect(stderr).not.toContain('SQLite');
});
