import { expect, test } from 'vitest';
import { drive } from './drive.ts';
import { fleetState, hostView, start, testConsole } from './fixture.ts';

const calm = fleetState([hostView({ name: 'web1', role: 'web' }, start, 1)]);
const way = 'try it: <X> ↓ pencils-down <p> its playbook <s> start <y> each time';

test('the first screen of the demo says how to try a playbook, at 80 by 24 too', () => {
  const screen = drive(testConsole(calm, { demo: true }))
    .frame(80, 24)
    .join('\n');
  expect(screen).toContain(way);
});

test('the console of a real fleet has nothing to break', () => {
  expect(drive(testConsole(calm)).frame(80, 24).join('\n')).not.toContain('try it');
});

test('the scenario under the cursor is told in full', () => {
  const driver = drive(testConsole(calm, { demo: true }));
  driver.press('X', 'j');
  expect(driver.frame(80, 24).join('\n')).not.toContain('…');
});

test('the arming dialog is not cut at 80 columns', () => {
  const driver = drive(testConsole(calm));
  driver.press('A');
  expect(driver.frame(80, 24).join('\n').replace(/\s+/g, ' ')).toContain('Every change still shows its plan first.');
});
