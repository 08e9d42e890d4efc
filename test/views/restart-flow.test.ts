import { describe, expect, test } from 'vitest';
import { drive, type Driver, rowNames } from './drive.ts';
import type { FakeExecutorSpec } from './fake-executor.ts';
import { fleetState, pencilFleet, testConsole } from './fixture.ts';

async function atPlan(spec: FakeExecutorSpec = { arming: 'armed' }): Promise<Driver> {
  const driver = drive(testConsole(pencilFleet(), spec));
  driver.press('j', 'j', 'j', 'r', 'n');
  await driver.settle();
  expect(driver.session.ui.getState().dialog?.kind).toBe('plan');
  return driver;
}

const dialogOf = (driver: Driver): string | undefined => driver.session.ui.getState().dialog?.kind;

describe('restart', () => {
  test('r offers the services worst first and their keys choose directly', () => {
    const driver = drive(testConsole(pencilFleet()));
    driver.press('j', 'r');
    const { dialog } = driver.session.ui.getState();
    expect(dialog).toMatchObject({ kind: 'pick-service', hostName: 'web2', cursor: 0 });
    if (dialog?.kind === 'pick-service') {
      expect(dialog.services.map((one) => one.name)[0]).toBe('pencils');
      expect(dialog.services.find((one) => one.name === 'nginx')?.key).toBe('n');
    }
  });

  test('the chord r n plans for the host that was under the cursor', async () => {
    const driver = await atPlan();
    expect(driver.console.executor.planned).toEqual([{ action: 'restart', hostId: 'static/web1', service: 'nginx' }]);
    expect(driver.console.executor.executed).toEqual([]);
  });

  test('the plan shows host, commands, state, proofs, warnings and undo under the band of its environment', async () => {
    const driver = await atPlan();
    const screen = driver.frame(100, 40).join('\n');
    for (const text of [
      'PROD  restart nginx on web1',
      'web1 (10.0.0.7)',
      'sudo -n nginx -t',
      'systemctl restart --no-block nginx.service',
      'running since 3 d',
      'port 80 listens',
      'is in pool www',
      'cannot be taken back',
      'press y',
    ]) {
      expect(screen).toContain(text);
    }
  });

  test('enter, escape and q leave the plan without doing anything', async () => {
    for (const key of ['enter', 'escape', 'q', 'n']) {
      const driver = await atPlan();
      driver.press(key);
      await driver.settle();
      expect(dialogOf(driver), key).toBeUndefined();
      expect(driver.console.executor.executed, key).toEqual([]);
    }
  });

  test('keys typed before the plan could be read are dropped', async () => {
    const driver = await atPlan();
    driver.pressAtOnce('y', 'enter', 'escape');
    expect(dialogOf(driver)).toBe('plan');
    driver.console.wait(299);
    driver.pressAtOnce('y');
    await driver.settle();
    expect(driver.console.executor.executed).toEqual([]);
    driver.console.wait(2);
    driver.pressAtOnce('y');
    await driver.settle();
    expect(driver.console.executor.executed).toHaveLength(1);
  });

  test('a pasted confirmation is dropped', async () => {
    const key = await atPlan();
    key.paste('y');
    const word = await atPlan({ arming: 'armed', confirmation: { kind: 'word', word: 'web1', what: 'host name' } });
    word.paste('web1');
    word.press('enter');
    await word.settle();
    expect([...key.console.executor.executed, ...word.console.executor.executed]).toEqual([]);
  });

  test('a word must be typed whole, and a wrong one sends nothing', async () => {
    const driver = await atPlan({ arming: 'armed', confirmation: { kind: 'word', word: 'web1', what: 'host name' } });
    driver.type('web2');
    driver.press('enter');
    expect(driver.frame(100, 40).join('\n')).toContain('is not the host name asked for');
    driver.press('backspace');
    driver.type('1');
    driver.press('enter');
    await driver.settle();
    expect(driver.console.executor.executed.map(({ word }) => word)).toEqual(['web1']);
  });

  test('progress is shown and the outcome stays until it is closed', async () => {
    const driver = await atPlan();
    driver.press('y');
    await driver.settle();
    expect(dialogOf(driver)).toBe('outcome');
    const screen = driver.frame(100, 40).join('\n');
    for (const text of ['● ok', 'nginx on web1 runs anew', 'InvocationID changed', 'intent 4711 is on disk'])
      expect(screen).toContain(text);
    driver.press('x', 'j');
    expect(dialogOf(driver)).toBe('outcome');
    driver.press('escape');
    expect(driver.session.ui.getState().changes).toEqual([]);
  });

  test('failed and unknown outcomes have their own glyph and word', async () => {
    for (const [kind, words] of [
      ['failed', '■ failed'],
      ['unknown', '? unknown'],
    ] as const) {
      const driver = await atPlan({ arming: 'armed', outcome: { kind, summary: 'Something happened.', evidence: [] } });
      driver.press('y');
      await driver.settle();
      expect(driver.frame(100, 40).join('\n')).toContain(words);
    }
  });

  test('an executor that throws gives an unknown outcome', async () => {
    const console = testConsole(pencilFleet(), { arming: 'armed' });
    const driver = drive({
      ...console,
      executor: { ...console.executor, execute: () => Promise.reject(new Error('the connection was lost')) },
    });
    driver.press('j', 'r', 'n');
    await driver.settle();
    driver.press('y');
    await driver.settle();
    expect(driver.frame(100, 40).join('\n')).toContain('the connection was lost');
    expect(driver.session.ui.getState().changes[0]?.outcome?.kind).toBe('unknown');
  });

  test('without arming the plan says so, A arms after asking, and the plan is made anew', async () => {
    const driver = await atPlan({ arming: 'locked' });
    expect(driver.frame(100, 40).join('\n')).toContain('prod is read-only, so this cannot be done yet: A arms writes for 5 minutes.');
    driver.press('y');
    await driver.settle();
    expect(driver.console.executor.executed).toEqual([]);
    driver.press('A');
    expect(dialogOf(driver)).toBe('arm');
    driver.pressAtOnce('y');
    expect(driver.console.executor.armed('prod').state).toBe('locked');
    driver.press('y');
    await driver.settle();
    expect(driver.console.executor.armed('prod').state).toBe('armed');
    expect(dialogOf(driver)).toBe('plan');
    expect(driver.console.executor.planned).toHaveLength(2);
  });

  test('a refusal is shown in words', async () => {
    const driver = drive(
      testConsole(pencilFleet(), {
        refuse: { ok: false, refusal: { guard: 'stateful', message: 'mysql is stateful: a plain restart is forbidden.' } },
      }),
    );
    driver.press('j', 'r', 'n');
    await driver.settle();
    expect(driver.frame(100, 40).join('\n')).toContain('mysql is stateful');
    driver.press('escape');
    expect(dialogOf(driver)).toBeUndefined();
  });

  test('a plan that is too old cannot be confirmed', async () => {
    const driver = await atPlan();
    driver.console.wait(61_000);
    driver.press('y');
    await driver.settle();
    expect(driver.console.executor.executed).toEqual([]);
    expect(driver.frame(100, 40).join('\n')).toContain('too old');
  });

  test('a plan that comes after its dialog was closed is dropped', async () => {
    const driver = drive(testConsole(pencilFleet(), { arming: 'armed' }));
    driver.press('j', 'r', 'n', 'escape');
    await driver.settle();
    expect(dialogOf(driver)).toBeUndefined();
  });

  test('rows do not move under an open dialog', async () => {
    const driver = await atPlan();
    const before = rowNames(driver);
    const hosts = pencilFleet().hosts.map((view) =>
      view.host.name === 'web4' ? { ...view, verdict: { ...view.verdict, health: 'crit' as const } } : view,
    );
    driver.console.store.setState(fleetState(hosts), true);
    expect(rowNames(driver)).toEqual(before);
    driver.press('escape');
    expect(rowNames(driver)).not.toEqual(before);
  });

  test('a read-only console plans but arms nothing', async () => {
    const driver = drive(testConsole(pencilFleet(), { arming: 'read-only', readOnly: true }));
    driver.press('A');
    expect(driver.session.ui.getState().note?.text).toContain('started read-only');
    driver.press('j', 'r', 'n');
    await driver.settle();
    driver.press('y', 'A', 'y');
    await driver.settle();
    expect(driver.console.executor.executed).toEqual([]);
  });
});
