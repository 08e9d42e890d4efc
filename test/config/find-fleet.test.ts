import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findFleetFile } from '../../src/config/find-fleet.ts';

const root = mkdtempSync(join(tmpdir(), 'quarterdeck-find-'));
afterAll(() => rmSync(root, { recursive: true }));

const home = join(root, 'home');
const project = join(root, 'project');
const own = join(home, '.config', 'quarterdeck');
for (const folder of [own, join(project, 'config')]) mkdirSync(folder, { recursive: true });
writeFileSync(join(project, 'config', 'pencilcode.yaml'), '');
writeFileSync(join(own, 'mine.yaml'), '');

function find(flag: string | undefined, env: Record<string, string> = {}, at = home) {
  return findFleetFile({ flag, env, home: at, project });
}

describe('which fleet file is opened', () => {
  test('--fleet goes before QUARTERDECK_FLEET', () => {
    expect(find('a/b.yaml', { QUARTERDECK_FLEET: 'c.yaml' })).toEqual({ path: 'a/b.yaml', why: '--fleet' });
    expect(find(undefined, { QUARTERDECK_FLEET: '~/c.yml' })).toEqual({ path: join(home, 'c.yml'), why: 'QUARTERDECK_FLEET' });
  });

  test('a name is looked up in the project, then in the own folder', () => {
    expect(find('pencilcode')).toEqual({ path: join(project, 'config', 'pencilcode.yaml'), why: '--fleet' });
    expect(find('mine')).toEqual({ path: join(own, 'mine.yaml'), why: '--fleet' });
  });

  test('a name that nothing knows is answered with the nearest one', () => {
    const found = find('pencilcod');
    expect('problem' in found && found.problem).toMatchObject({ file: '--fleet', remedy: 'Did you mean "pencilcode"?' });
    expect('problem' in found && found.problem.message).toContain(join(project, 'config'));
  });

  test('without a word the usual place is taken when it exists, else the demo, and why is said', () => {
    expect(find(undefined)).toMatchObject({ demo: true });
    expect(find('', { QUARTERDECK_FLEET: '' })).toMatchObject({ demo: true });
    const other = join(root, 'other');
    mkdirSync(join(other, '.config', 'quarterdeck'), { recursive: true });
    writeFileSync(join(other, '.config', 'quarterdeck', 'fleet.yaml'), '');
    expect(find(undefined, {}, other)).toEqual({ path: join(other, '.config', 'quarterdeck', 'fleet.yaml'), why: 'the usual place' });
  });

  test('the name demo is the embedded fleet', () => {
    expect(find('demo')).toEqual({ demo: true, why: '--fleet' });
  });

  test("the project's own folder is found from where the program lies", () => {
    const found = findFleetFile({ flag: 'nothing-like-it', env: {}, home });
    expect('problem' in found && found.problem.message).toContain(join(import.meta.dirname, '..', '..', 'config'));
  });
});
