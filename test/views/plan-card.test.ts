import { describe, expect, test } from 'vitest';
import { drive, type Driver } from './drive.ts';
import { type FakeExecutorSpec, planFor } from './fake-executor.ts';
import { pencilFleet, testConsole } from './fixture.ts';

const confirmation = { kind: 'word', word: 'web1', what: 'host name' } as const;

async function atPlan(spec: FakeExecutorSpec): Promise<Driver> {
  const driver = drive(testConsole(pencilFleet(), { arming: 'armed', ...spec }));
  driver.press('j', 'j', 'j', 'r', 'n');
  await driver.settle();
  return driver;
}

const dialogOf = (driver: Driver): string | undefined => driver.session.ui.getState().dialog?.kind;
const screenOf = (driver: Driver, columns = 100, lines = 40): string => driver.frame(columns, lines).join('\n');

describe('the plan card', () => {
  test('who else acts here and the last change are on it', async () => {
    const driver = await atPlan({ plan: { others: ['lee@desk is changing it: disk work (2m ago)', 'last change: web1/nginx 12m ago'] } });
    expect(screenOf(driver)).toContain('lee@desk is changing it: disk work');
    expect(screenOf(driver)).toContain('last change: web1/nginx 12m ago');
  });

  test('everything that must be read is on it at 80 by 24', async () => {
    const driver = await atPlan({
      confirmation,
      plan: {
        others: ['last change: web1/nginx 4m ago by lee@desk: ok'],
        reasonNeeded: 'web1/nginx was changed 4m ago by lee@desk (ok): say why again',
      },
    });
    const screen = screenOf(driver, 80, 24);
    for (const text of [
      'PROD  restart nginx on web1',
      'systemctl restart',
      'last change',
      'say why again',
      'Why?',
      'Type the host name',
      'good for',
      'Cancel',
    ])
      expect(screen).toContain(text);
  });

  test('a script is named by its first line, and stands in full and line by line after everything else', async () => {
    const { commands } = planFor({ action: 'restart', hostId: 'static/web1', service: 'nginx' }, 0);
    const script = ['# take web1 out', 'set -e', "tell 'state drain'"].join('\n');
    const screen = screenOf(await atPlan({ plan: { commands: commands.map((one) => ({ ...one, command: script })) } }), 100, 60);
    expect(screen).toContain('runs      # take web1 out  (+2 lines)');
    const full = screen.slice(screen.indexOf('undo '));
    expect(full).toMatch(/what runs on web1 *\n +# take web1 out *\n +set -e *\n +tell 'state drain'/);
  });

  test('it counts down from a minute', async () => {
    const driver = await atPlan({});
    expect(screenOf(driver)).toContain('good for 1m00s');
    driver.console.wait(50_000);
    expect(screenOf(driver)).toContain('good for 10s');
  });
});

describe('a reason', () => {
  const needed = { plan: { reasonNeeded: 'web1/nginx was changed 4m ago: say why again' } };

  test('that is needed is asked for first, and goes to the executor', async () => {
    const driver = await atPlan({ ...needed, confirmation });
    driver.type('it hangs again');
    driver.press('enter');
    driver.type('web1');
    driver.press('enter');
    await driver.settle();
    expect(driver.console.executor.executed).toMatchObject([{ word: 'web1', extras: { reason: 'it hangs again' } }]);
  });

  test('left empty sends nothing: tab to the confirmation does not go round it', async () => {
    const driver = await atPlan(needed);
    driver.press('tab', 'y');
    await driver.settle();
    expect(driver.console.executor.executed).toEqual([]);
    expect(screenOf(driver)).toContain('Say why first');
    driver.type('because');
    driver.press('tab', 'y');
    await driver.settle();
    expect(driver.console.executor.executed).toMatchObject([{ extras: { reason: 'because' } }]);
  });

  test('may hold the letter that confirms', async () => {
    const driver = await atPlan(needed);
    driver.type('yes, y');
    await driver.settle();
    expect(driver.console.executor.executed).toEqual([]);
    expect(screenOf(driver)).toContain('yes, y');
  });

  test('may be pasted, but a yes typed on from it does not count', async () => {
    const driver = await atPlan(needed);
    driver.paste('ticket 4711\n');
    driver.press('enter');
    driver.pressAtOnce('y');
    await driver.settle();
    expect(driver.console.executor.executed).toEqual([]);
    driver.press('y');
    await driver.settle();
    expect(driver.console.executor.executed).toMatchObject([{ extras: { reason: 'ticket 4711' } }]);
  });

  test('left empty, enter cancels', async () => {
    const driver = await atPlan(needed);
    driver.press('enter');
    expect(dialogOf(driver)).toBeUndefined();
  });
});

describe('a lock that somebody holds', () => {
  const held = {
    outcome: { kind: 'refused', refusal: { guard: 'lock', message: 'web1 is locked by lee@desk since 2m: disk work' } },
  } as const;

  test('is broken only by b, with a reason and the confirmation again', async () => {
    const driver = await atPlan(held);
    driver.press('y');
    await driver.settle();
    expect(screenOf(driver)).toContain('locked by lee@desk');
    expect(screenOf(driver)).toContain('break the lock, with a reason');
    driver.press('b');
    await driver.settle();
    expect(screenOf(driver)).toContain('confirming takes it from them');
    driver.press('tab', 'y');
    await driver.settle();
    expect(driver.console.executor.executed).toHaveLength(1);
    driver.type('lee is asleep');
    driver.press('enter', 'y');
    await driver.settle();
    expect(driver.console.executor.executed[1]?.extras).toEqual({ reason: 'lee is asleep', breakLock: true });
    expect(driver.session.ui.getState().changes).toHaveLength(1);
  });
});

test('a second person is told what to run, and the plan can be made again', async () => {
  const driver = await atPlan({
    plan: { approvalNeeded: 'the fleet file asks for a second person for a dangerous action', hash: 'abcdef1234567890' },
    outcome: { kind: 'refused', refusal: { guard: 'approval', message: 'asked for it; somebody else runs: quarterdeck approve abcdef12' } },
  });
  expect(screenOf(driver, 160, 40)).toContain('quarterdeck approve abcdef12');
  driver.press('y');
  await driver.settle();
  expect(screenOf(driver)).toContain('plan again');
  driver.press('r');
  await driver.settle();
  expect(dialogOf(driver)).toBe('plan');
});

test('every key tells the executor that the person is there', async () => {
  const driver = await atPlan({});
  const before = driver.console.executor.calls.touches;
  driver.press('down', 'escape', 'j');
  expect(driver.console.executor.calls.touches).toBe(before + 3);
});
