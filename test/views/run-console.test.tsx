import { afterEach, describe, expect, test } from 'vitest';
import type { FleetState } from '../../src/fleet/view.ts';
import { runConsole } from '../../views/terminal/run-console.tsx';
import { type FakeTerminal, fakeTerminal, until } from './fake-terminal.ts';
import { fleetState, manyHosts, pencilFleet, type TestConsole, testConsole } from './fixture.ts';

const open: { terminal: FakeTerminal; done: Promise<void> }[] = [];

function start(fleet: FleetState, columns = 100, rows = 30): { terminal: FakeTerminal; console: TestConsole; done: Promise<void> } {
  const terminal = fakeTerminal(columns, rows);
  const console = testConsole(fleet);
  const done = runConsole(console, { stdin: terminal.stdin, stdout: terminal.stdout, color: true, ascii: false, interactive: true });
  open.push({ terminal, done });
  return { terminal, console, done };
}

afterEach(async () => {
  for (const { terminal, done } of open.splice(0)) {
    terminal.type('\u0003\u0003');
    await done;
  }
});

describe('the console on a terminal', () => {
  test('it draws the fleet on the alternate screen and puts everything back when it is left', async () => {
    const { terminal, console, done } = start(pencilFleet());
    await until(terminal, (screen) => screen.includes('web4') && screen.includes('<?> help'));
    expect(terminal.emulator.buffer.active.type).toBe('alternate');
    terminal.type('q');
    await until(terminal, (screen) => screen.includes('Leave the console?'));
    console.wait(400);
    terminal.type('y');
    await done;
    expect(console.calls.quits).toBe(1);
    await terminal.screen();
    expect(terminal.emulator.buffer.active.type).toBe('normal');
    expect(terminal.written().lastIndexOf('\u001b[?25h')).toBeGreaterThan(terminal.written().lastIndexOf('\u001b[?25l'));
    expect(terminal.written()).toContain('\u001b[?2004l');
  });

  test('it begins at the upper left corner wherever the shell left the cursor, and gives that place back', async () => {
    const terminal = fakeTerminal(100, 30);
    await new Promise<void>((resolve) => terminal.emulator.write('$ quarterdeck\r\njj', resolve));
    const console = testConsole(pencilFleet());
    const done = runConsole(console, { stdin: terminal.stdin, stdout: terminal.stdout, color: true, ascii: false, interactive: true });
    const screen = await until(terminal, (text) => text.includes('web4') && text.includes('<?> help'));
    expect(screen.split('\n')[0]).toMatch(/^ (?:quarterdeck|pencilcode)/);
    terminal.type('\u0003\u0003');
    await done;
    expect((await terminal.screen())[1]).toBe('jj');
    const { cursorX, cursorY } = terminal.emulator.buffer.active;
    expect([cursorX, cursorY]).toEqual([2, 1]);
  });

  test('four arrows in one chunk move four rows', async () => {
    const { terminal } = start(manyHosts(60));
    const before = await until(terminal, (screen) => screen.includes('60 hosts'));
    terminal.type('\u001b[B\u001b[B\u001b[B\u001b[B\r');
    const names = before.split('\n').filter((line) => /^ [●▲■?] /.test(line) && !line.includes('wedged'));
    const fifth = names[4]?.trim().split(/\s+/)[1] ?? 'none';
    await until(terminal, (screen) => screen.split('\n')[1]?.includes(fifth) ?? false);
  });

  test('a bracketed paste does not act as keys', async () => {
    const { terminal, console } = start(pencilFleet());
    await until(terminal, (screen) => screen.includes('web4'));
    terminal.type('\u001b[200~qy\u001b[201~');
    await until(terminal, (screen) => screen.includes('A paste outside a text field was dropped.'));
    expect(console.calls.quits).toBe(0);
  });

  test('the frame follows the size of the terminal and leaves nothing behind', async () => {
    const { terminal } = start(manyHosts(100), 160, 48);
    await until(terminal, (screen) => screen.includes('CPU iowait'));
    terminal.resize(80, 24);
    const narrow = await until(terminal, (screen) => screen.includes('<?> help') && !screen.includes('CPU iowait'));
    expect(narrow.split('\n')).toHaveLength(24);
    expect(narrow.match(/<\?> help/g)).toHaveLength(1);
    terminal.resize(200, 60);
    const wide = await until(terminal, (screen) => screen.includes('CPU iowait'));
    expect(wide.match(/<\?> help/g)).toHaveLength(1);
    expect(wide.split('\n')[0]).toContain('quarterdeck');
  });

  test('what a library prints becomes a note and moves nothing', async () => {
    const { terminal } = start(pencilFleet());
    await until(terminal, (screen) => screen.includes('web4'));
    globalThis.console.warn('a library says this\nover two lines');
    const screen = await until(terminal, (text) => text.includes('a library says this'));
    expect(screen.split('\n')[0]).toContain('pencilcode');
    expect(screen).not.toContain('over two lines');
  });

  test('an error while drawing is one plain line, and the console goes on', async () => {
    const { terminal, console } = start(pencilFleet());
    await until(terminal, (screen) => screen.includes('web4'));
    const broken = {
      ...fleetState([]),
      get alerts(): never {
        throw new Error('the alerts are broken');
      },
    };
    console.store.setState(broken, true);
    const screen = await until(terminal, (text) => text.includes('could not be drawn: the alerts are broken'));
    expect(screen).not.toContain(' at ');
    console.store.setState(pencilFleet(), true);
    await until(terminal, (text) => text.includes('web4'));
  });

  test('a terminal that went away ends the console without an error', async () => {
    const { terminal, console, done } = start(pencilFleet());
    await until(terminal, (screen) => screen.includes('web4'));
    open.splice(0);
    terminal.stdout.destroy(Object.assign(new Error('write EIO'), { code: 'EIO' }));
    await done;
    expect(console.calls.quits).toBe(1);
  });

  test('ctrl-l draws a spoilt screen anew', async () => {
    const { terminal } = start(pencilFleet());
    await until(terminal, (screen) => screen.includes('web4'));
    terminal.emulator.write('\u001b[2J\u001b[HGARBAGE');
    await until(terminal, (screen) => screen.includes('GARBAGE'));
    terminal.type('\u000c');
    const screen = await until(terminal, (text) => text.includes('web4') && !text.includes('GARBAGE'));
    expect(screen.split('\n')[0]).toContain('pencilcode');
  });
});
