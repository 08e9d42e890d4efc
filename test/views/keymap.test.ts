import { describe, expect, test } from 'vitest';
import { bindingsOf, conflicts, keyTable } from '../../views/keymap.ts';
import { drive } from './drive.ts';
import { pencilFleet, testConsole } from './fixture.ts';

const bindings = bindingsOf(testConsole(pencilFleet()));

describe('keymap', () => {
  test('no two bindings want the same key on the same screen', () => {
    expect(conflicts(bindings)).toEqual([]);
    const [first] = bindings;
    expect(first).toBeDefined();
    if (first !== undefined) expect(conflicts([...bindings, { ...first, id: 'twin' }])).not.toEqual([]);
  });

  test('every binding has help, and ids are unique', () => {
    for (const one of bindings) {
      expect(one.description.length, one.id).toBeGreaterThan(3);
      expect(one.label.length, one.id).toBeGreaterThan(0);
      expect(one.keys.length, one.id).toBeGreaterThan(0);
    }
    expect(new Set(bindings.map((one) => one.id)).size).toBe(bindings.length);
  });

  test('nothing that leads to a change sits on enter, ctrl-d or ctrl-k', () => {
    for (const one of bindings.filter(({ dangerous }) => dangerous)) {
      for (const key of one.keys) expect(['enter', 'ctrl-d', 'ctrl-k', 'space', 'escape', 'j', 'k']).not.toContain(key);
    }
  });

  test('keys of later releases are listed and say why they do nothing', () => {
    const driver = drive(testConsole(pencilFleet()));
    for (const key of ['l', 's', 'a', 'm', 'w', 't', 'f', 'c', 'ctrl-s']) {
      driver.press(key);
      expect(driver.session.ui.getState().note?.text, key).toContain('not available yet');
    }
    expect(driver.console.executor.planned).toEqual([]);
  });

  test('the chords of the fleet file are bindings', () => {
    expect(bindings.find((one) => one.keys.includes('r p'))?.description).toContain('pencils');
  });

  test('the table of the documentation names every key', () => {
    const table = keyTable(bindings);
    for (const key of bindings.flatMap((one) => one.keys)) expect(table).toContain(`\`${key}\``);
  });

  test('help lists every binding and runs the chosen one', () => {
    const driver = drive(testConsole(pencilFleet()));
    driver.press('?');
    const screen = driver.frame(140, 170).join('\n');
    for (const one of bindings) expect(screen, one.id).toContain(one.description);
    const at = bindings.findIndex((one) => one.id === 'only-wrong');
    driver.press(...Array.from({ length: at }, () => 'j'), 'enter');
    expect(driver.session.ui.getState().onlyWrong).toBe(true);
  });
});
