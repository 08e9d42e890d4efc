import { describe, expect, test } from 'vitest';
import { raisePrompt } from '../../views/dispatch.ts';
import { watchRecovery } from '../../views/recovery-flow.ts';
import { drive, type Driver } from './drive.ts';
import { FakeDesk, leftRun, playbooksWith } from './fake-desk.ts';
import { type FakeExecutorSpec, planFor } from './fake-executor.ts';
import { fleetState, hostView, pencilFleet, start, testConsole } from './fixture.ts';

const plan = planFor({ action: 'restart', hostId: 'static/web1', service: 'nginx' }, start - 600_000);
const pending = [{ plan, at: '2026-03-02T13:57:31.000Z', who: 'lee@desk', lockTokens: {}, run: null }];
const ask = { kind: 'ask', summary: 'the end of the step was not seen', evidence: ['nginx runs since 9m'] } as const;

async function started(spec: FakeExecutorSpec): Promise<Driver> {
  const driver = drive(testConsole(pencilFleet(), { pending, ...spec }));
  watchRecovery(driver.session);
  await driver.settle();
  return driver;
}

const shown = (driver: Driver, columns = 100, lines = 40): string => driver.frame(columns, lines).join('\n');

describe('what an earlier console left open', () => {
  test('is settled in the background, and the result is a note', async () => {
    const driver = await started({ resolution: { kind: 'closed', outcome: 'ok', summary: 'nginx runs anew' } });
    expect(driver.console.executor.calls.resolved).toEqual(['plan-1']);
    expect(shown(driver, 120)).toContain('● restart nginx on web1: ok: nginx runs anew');
  });

  test('waits for its host, and is asked again while the host cannot tell', async () => {
    const away = fleetState([hostView({ name: 'web1', role: 'web', reach: 'timeout' }, start, 1)]);
    const driver = drive(testConsole(away, { pending }));
    watchRecovery(driver.session);
    await driver.settle();
    expect(driver.console.executor.calls.resolved).toEqual([]);
    expect(driver.session.ui.getState().note?.text).toContain('1 change of an earlier console has no outcome');
    driver.console.store.setState(pencilFleet(), true);
    await driver.settle();
    expect(driver.console.executor.calls.resolved).toHaveLength(1);
    driver.console.store.setState(pencilFleet(), true);
    await driver.settle();
    expect(driver.console.executor.calls.resolved).toHaveLength(1);
    driver.console.wait(31_000);
    driver.console.store.setState(pencilFleet(), true);
    await driver.settle();
    expect(driver.console.executor.calls.resolved).toHaveLength(2);
  });

  test('is asked of the person when nothing shows it: what, when, who and the evidence', async () => {
    const driver = await started({ resolution: ask });
    raisePrompt(driver.session);
    const screen = shown(driver, 80, 24);
    for (const text of ['what became of: restart nginx on web1?', '2026-03-02T13:57:31', 'lee@desk', 'nginx runs since 9m', 'was not seen'])
      expect(screen).toContain(text);
  });

  test('is left to the run that it belongs to, so that nobody is asked twice', async () => {
    const desk = new FakeDesk();
    const change = { event: 'intent', key: 'restart', host: 'web1', hostId: 'static/web1', attempt: 1 } as const;
    desk.left = [leftRun('lee@desk', false, [{ ...change, commands: ['restart'], actionId: plan.id, undo: null, owes: null }])];
    const driver = drive({ ...testConsole(pencilFleet(), { pending, resolution: ask }), playbooks: playbooksWith(desk) });
    watchRecovery(driver.session);
    await driver.settle();
    raisePrompt(driver.session);
    expect(driver.session.ui.getState().questions).toEqual([]);
    expect(shown(driver, 120)).toContain('its run asks what became of it (:runs)');
  });

  test('is answered with a reason, which may not be empty', async () => {
    const driver = await started({ resolution: ask });
    raisePrompt(driver.session);
    driver.press('f', 'enter');
    expect(driver.console.executor.calls.answered).toEqual([]);
    driver.type('the log says so');
    driver.press('enter');
    await driver.settle();
    expect(driver.console.executor.calls.answered).toEqual([['plan-1', 'failed', 'the log says so']]);
    expect(driver.session.ui.getState().questions).toEqual([]);
  });

  test('put off, it comes back only by the command line', async () => {
    const driver = await started({ resolution: ask });
    raisePrompt(driver.session);
    driver.press('l', 'j');
    expect(driver.session.ui.getState().dialog).toBeNull();
    driver.press(':');
    driver.type('answer');
    driver.press('enter');
    expect(driver.session.ui.getState().dialog?.kind).toBe('recovery');
    expect(driver.console.executor.calls.answered).toEqual([]);
  });

  test('an unfinished run is told at the start', async () => {
    const driver = await started({
      pending: [],
      unfinished: [{ id: 'b', title: 'restart', at: '2026-03-02T13:00:00.000Z', done: [], left: [] }],
    });
    expect(driver.session.ui.getState().note?.text).toContain('1 run not finished: type :resume');
  });
});

test('a journal that cannot be written is told on every screen and over every dialog', () => {
  const driver = drive(testConsole(pencilFleet(), { journalFailure: 'the disk is full' }));
  for (const keys of [[], ['enter'], ['escape', '@'], ['escape', '?'], ['escape', 'r']]) {
    driver.press(...keys);
    const frame = driver.frame(80, 24);
    expect(frame).toHaveLength(24);
    expect(frame[1]).toContain('The journal cannot be written. Every change is refused: the disk is full');
  }
});
