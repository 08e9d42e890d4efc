import { describe, expect, test } from 'vitest';
import { catalogue } from './catalogue-fixture.ts';
import { drive, type Driver } from './drive.ts';
import { pencilFleet, testConsole } from './fixture.ts';

/** The menu of web1, or of what was marked. */
function atMenu(...before: string[]): Driver {
  const driver = drive(testConsole(pencilFleet(), { arming: 'armed', catalogue }));
  driver.press(...(before.length === 0 ? ['j', 'j', 'j'] : before), 'x');
  return driver;
}

const shown = (driver: Driver, columns = 100, lines = 40): string => driver.frame(columns, lines).join('\n');

/** Presses the key that the menu gives a row. */
function choose(driver: Driver, label: string): void {
  const { dialog } = driver.session.ui.getState();
  const item = dialog?.kind === 'actions' ? dialog.items.find((one) => one.label === label) : undefined;
  if (item === undefined) throw new Error(`the menu has no ${label}`);
  driver.press(item.key);
}

describe('the action menu', () => {
  test('lists everything the fleet file offers at 80 by 24, and says why a row does not fit', () => {
    const screen = shown(atMenu(), 80, 24);
    for (const text of [
      'what to do with web1?',
      'start nginx',
      'it runs on web1',
      'drain batch',
      'for nfs; web1 is web',
      'maintenance on',
      'purge-cache',
    ])
      expect(screen).toContain(text);
  });

  test('a row that does not fit is not planned, by key or by enter', async () => {
    const driver = atMenu();
    choose(driver, 'drain batch');
    driver.press('enter');
    await driver.settle();
    expect(driver.session.ui.getState().dialog?.kind).toBe('actions');
    expect(shown(driver)).toContain('Not now: for nfs');
    expect(driver.console.executor.planned).toEqual([]);
  });

  test('a row leads to the plan card of its request', async () => {
    const driver = atMenu();
    choose(driver, 'maintenance on');
    await driver.settle();
    expect(driver.console.executor.planned).toEqual([{ action: 'maintenance', hostId: 'static/web1', mode: 'on' }]);
    expect(driver.session.ui.getState().dialog?.kind).toBe('plan');
  });

  test('with marks it is for all of them, and one that does not fit greys the row by name', async () => {
    const mixed = atMenu('space', 'space', 'space', 'space', 'space', 'space');
    expect(shown(mixed)).toContain('6 marked hosts');
    expect(shown(mixed)).toContain('for web; nfs1 is nfs');
    const driver = atMenu('j', 'space', 'space', 'space');
    choose(driver, 'reboot');
    await driver.settle();
    expect(driver.console.executor.many.planned[0]?.requests.map((request) => request.action)).toEqual(['reboot', 'reboot', 'reboot']);
  });
});

describe('inputs of a custom action', () => {
  test('are asked one after another, checked, and planned together', async () => {
    const driver = atMenu();
    driver.press('c');
    expect(shown(driver)).toContain('purge-cache on web1   1 of 2');
    driver.press('j', 'enter');
    driver.type('many');
    driver.press('enter');
    expect(shown(driver)).toContain('pages must be a whole number');
    driver.press('ctrl-u');
    driver.type('12');
    driver.press('enter');
    await driver.settle();
    expect(driver.console.executor.planned).toEqual([
      { action: 'custom', hostId: 'static/web1', name: 'purge-cache', inputs: { site: 'api', pages: '12' } },
    ]);
  });

  test('that are optional may be left empty and are then not given', async () => {
    const driver = atMenu();
    driver.press('c', 'enter', 'enter');
    await driver.settle();
    expect(driver.console.executor.planned).toMatchObject([{ inputs: { site: 'www' } }]);
  });

  test('escape plans nothing', async () => {
    const driver = atMenu();
    driver.press('c', 'enter', 'escape');
    await driver.settle();
    expect(driver.session.ui.getState().dialog).toBeNull();
    expect(driver.console.executor.planned).toEqual([]);
  });
});

describe('z', () => {
  const request = { action: 'maintenance', hostId: 'static/web1', mode: 'off' } as const;
  const undoable = [
    { actionId: 'maintenance-7', subject: 'web1/maintenance', at: '2026-03-02T14:00:00.000Z', who: 'kim@desk', request, after: null },
  ];

  test('shows the plan that takes the newest change back', async () => {
    const driver = drive(testConsole(pencilFleet(), { arming: 'armed', undoable }));
    driver.press('z');
    await driver.settle();
    expect(shown(driver)).toContain('maintenance-7');
    driver.press('y');
    await driver.settle();
    expect(driver.console.executor.executed).toMatchObject([{ plan: { undoes: 'maintenance-7' } }]);
  });

  test('says when there is nothing to undo, and when somebody changed it since', async () => {
    const nothing = drive(testConsole(pencilFleet()));
    nothing.press('z');
    expect(nothing.session.ui.getState().note?.text).toContain('Nothing to undo');
    const refuseUndo = { guard: 'expired', message: 'web1/maintenance was changed by somebody since; it is not undone' } as const;
    const changed = drive(testConsole(pencilFleet(), { undoable, refuseUndo }));
    changed.press('z');
    await changed.settle();
    expect(shown(changed)).toContain('was changed by somebody since');
  });
});
