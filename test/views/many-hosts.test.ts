import { describe, expect, test } from 'vitest';
import { screenOf } from '../../views/state.ts';
import { drive, type Driver } from './drive.ts';
import type { FakeExecutorSpec } from './fake-executor.ts';
import type { FakeRun } from './fake-bulk.ts';
import { pencilFleet, testConsole } from './fixture.ts';

/** Marks every web host and asks for a restart of nginx. */
async function atPlan(spec: FakeExecutorSpec = {}): Promise<Driver> {
  const driver = drive(testConsole(pencilFleet(), { arming: 'armed', ...spec }));
  driver.press('/');
  driver.type('web');
  driver.press('enter', '*', 'r', 'n');
  await driver.settle();
  return driver;
}

async function running(spec: FakeExecutorSpec = {}): Promise<{ driver: Driver; run: FakeRun }> {
  const driver = await atPlan(spec);
  driver.type('4');
  driver.press('enter');
  await driver.settle();
  const [run] = driver.console.executor.many.runs;
  if (run === undefined) throw new Error('the run was not started');
  return { driver, run };
}

const shown = (driver: Driver, columns = 100, lines = 40): string => driver.frame(columns, lines).join('\n');

describe('r with marks', () => {
  test('offers the services that all marked hosts have', () => {
    const driver = drive(testConsole(pencilFleet()));
    driver.press('*', 'r');
    expect(driver.session.ui.getState().note?.text).toContain('no service in common');
    driver.press('ctrl-\\', '/');
    driver.type('web');
    driver.press('enter', '*', 'r');
    const screen = shown(driver);
    expect(screen).toContain('restart which service of 4 marked hosts?');
    expect(screen).toContain('not ok on 1 of 4');
  });

  test('plans one change a host, and the card shows order, commands and the number to type', async () => {
    const driver = await atPlan();
    expect(driver.console.executor.many.planned[0]?.requests.map((request) => request.hostId).toSorted()).toEqual([
      'static/web1',
      'static/web2',
      'static/web3',
      'static/web4',
    ]);
    const screen = shown(driver, 80, 24);
    for (const text of ['restart on 4 hosts', 'first web', 'healthy for 2 polls', '(on each)', 'Type the number of hosts 4', 'Cancel'])
      expect(screen).toContain(text);
  });

  test('each host is named once for its state, however much its plan says of now', async () => {
    const now = [
      { text: 'nginx: running since 3 d', health: 'ok' },
      { text: 'pool www: 4 of 4 healthy', health: 'ok' },
    ] as const;
    const screen = shown(await atPlan({ plan: { now } }));
    expect(screen).toContain('ok on 4: ');
    expect(screen.match(/pool www: 4 of 4 healthy/g)).toHaveLength(1);
  });

  test('one mark is an ordinary plan for the marked host, wherever the cursor is', async () => {
    const driver = drive(testConsole(pencilFleet()));
    driver.press('j', 'space', 'G', 'r', 'n');
    await driver.settle();
    expect(driver.console.executor.planned).toEqual([{ action: 'restart', hostId: 'static/web2', service: 'nginx' }]);
  });

  test('a wrong number starts nothing', async () => {
    const driver = await atPlan();
    driver.type('3');
    driver.press('enter');
    await driver.settle();
    expect(driver.console.executor.many.runs).toEqual([]);
    expect(shown(driver)).toContain('is not the number of hosts asked for');
  });
});

describe('a run', () => {
  test('shows every host with its state and why, and stays after the end with what was not done', async () => {
    const { driver, run } = await running();
    expect(screenOf(driver.session.ui.getState()).kind).toBe('run');
    run.item(0, 'ok', 'nginx runs anew');
    run.item(1, 'failed', 'port 80 does not listen');
    run.item(2, 'not-done', 'not begun');
    run.end({ phase: 'stopped', why: 'stopped after 1 of at most 1 failures' });
    await driver.settle();
    const screen = shown(driver, 80, 24);
    for (const text of [
      '■ stopped',
      'stopped after 1',
      '● ok',
      'nginx runs anew',
      '■ failed',
      'port 80 does not listen',
      'not begun',
      'Not begun:',
    ])
      expect(screen).toContain(text);
  });

  test('is paused and continued by p and c, and says that a pause waits for the next batch', async () => {
    const { driver, run } = await running();
    driver.press('p');
    expect(run.steered).toEqual(['pause']);
    expect(shown(driver)).toContain('pauses before the next batch');
    run.set({ phase: 'paused', why: 'paused by a key' });
    expect(shown(driver)).toContain('◌ paused');
    driver.press('c');
    expect(run.steered).toEqual(['pause', 'resume']);
  });

  test('is aborted only after a yes', async () => {
    const { driver, run } = await running();
    driver.press('a', 'escape', 'a', 'enter');
    expect(run.steered).toEqual([]);
    driver.press('a', 'y');
    expect(run.steered).toEqual(['abort']);
  });

  test('goes on when its screen is left; the status line says so and v returns', async () => {
    const { driver, run } = await running();
    driver.press('escape');
    run.item(0, 'ok', 'fine');
    expect(shown(driver, 120, 24)).toContain('running, 1 of 4, v shows it');
    driver.press('v');
    expect(screenOf(driver.session.ui.getState()).kind).toBe('run');
    driver.press('escape');
    run.end({ phase: 'done' });
    await driver.settle();
    expect(driver.session.ui.getState().note?.text).toContain('restart on 4 hosts: done, 1 of 4 hosts done');
    driver.press(':');
    driver.type('run restart');
    driver.press('enter');
    expect(shown(driver)).toContain('● done');
  });

  test('that is under way is named when one wants to quit', async () => {
    const { driver } = await running();
    driver.press('escape', 'q');
    expect(shown(driver)).toContain('no further host is begun, and it can be resumed');
  });

  test('that is refused at the start says why', async () => {
    const driver = await atPlan({ refuseStart: { guard: 'approval', message: 'somebody else runs: quarterdeck approve abcdef12' } });
    driver.type('4');
    driver.press('enter');
    await driver.settle();
    expect(shown(driver)).toContain('quarterdeck approve abcdef12');
    expect(driver.session.ui.getState().runs).toEqual([]);
  });

  test('that was not finished is offered by the command line and planned again with what is left', async () => {
    const left = [{ action: 'restart', hostId: 'static/web3', service: 'nginx' }] as const;
    const driver = drive(
      testConsole(pencilFleet(), {
        unfinished: [{ id: 'bulk-7', title: 'restart nginx on 4 hosts', at: '2026-03-02T13:00:00.000Z', done: [], left }],
      }),
    );
    driver.press(':');
    driver.type('resume');
    expect(shown(driver)).toContain('resume restart nginx on 4 hosts');
    driver.press('enter');
    await driver.settle();
    expect(driver.console.executor.many.planned).toEqual([{ requests: left, continues: 'bulk-7' }]);
  });
});
