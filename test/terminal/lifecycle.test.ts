import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { isRunning, PtyConsole } from './pty-console.ts';
import { foreignBytes, leftBehind, withoutCopies } from './terminal-state.ts';

const open: PtyConsole[] = [];
const start = (...[args, options]: ConstructorParameters<typeof PtyConsole>): PtyConsole => {
  const made = new PtyConsole(args, options);
  open.push(made);
  return made;
};

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.stop()));
});

describe('opening', () => {
  test('the first frame stands before the fleet is known, and every byte of it is one our renderer sends', async () => {
    const console = start(['demo']);
    await console.until((screen) => screen.includes('Starting the demo fleet…') || screen.includes('web1'));
    await console.until(/● web1 /, 30_000);
    expect(foreignBytes(console.written)).toEqual([]);
  });

  test('a bad fleet file is said in plain sentences on the screen as it was, with exit 64', async () => {
    const console = start(['--version']);
    await console.ended;
    const file = join(console.home, 'bad.yaml');
    writeFileSync(file, 'fleet: bad\ninventroy: []\n');
    const failing = start(['--fleet', file], { home: console.home });
    expect(await failing.ended).toEqual({ exitCode: 64, signal: 0 });
    expect(failing.written).not.toContain('\u001b[?1049h');
    expect(await failing.screen()).toContain('bad.yaml:2:1');
    expect(failing.written).not.toMatch(/\n\s+at /);
  });

  test('a choice that the demo cannot fulfil is said the same way', async () => {
    for (const args of [
      ['demo', '--hosts', '2'],
      ['demo', '--scenario', 'doom'],
      ['demo', '--env', 'moon'],
    ]) {
      const failing = start(args);
      expect((await failing.ended).exitCode).toBe(64);
      expect(failing.written).not.toContain('\u001b[?1049h');
      expect(failing.written).toMatch(/from 3 to 5000|There is no scenario|has no such environment/);
    }
  });

  test('without any fleet file the demo opens and says why', async () => {
    const console = start([], { columns: 160 });
    await console.until('fleet.yaml');
    await console.until(/DEMO/);
  });

  test('without a journal it watches, says that every change is refused and why, and arms nothing', async () => {
    const console = start(['demo', '--state-dir', '/proc/nowhere'], { columns: 160 });
    await console.until('Every change is refused: The state directory /proc/nowhere cannot be made', 15_000);
    await console.until(/● web1 /);
    await console.press('A', 'arm writes in prod');
    await console.press('y', 'read-only');
    expect(await console.screen()).not.toContain('ARMED');
  });
});

describe('leaving', () => {
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) {
    test(`${signal} puts the terminal back and ends the process`, async () => {
      const console = start(['demo']);
      await console.until(/● web1 /, 30_000);
      console.signal(signal);
      expect((await console.ended).signal).toBe(0);
      expect(leftBehind(console.written)).toEqual([]);
      expect(console.written).toContain('\u001b[?1049l');
    });
  }

  test('ctrl-c once cancels what is open, and twice quits', async () => {
    const console = start(['demo']);
    await console.until(/● web1 /, 30_000);
    await console.press('q', 'Leave the console?');
    await console.press('\u0003', (screen) => !screen.includes('Leave the console?') && screen.includes('Press ctrl-c again to quit'));
    expect(isRunning(console.pid)).toBe(true);
    console.type('\u0003');
    expect(await console.ended).toEqual({ exitCode: 0, signal: 0 });
    expect(leftBehind(console.written)).toEqual([]);
  });

  test('it can be left while it is still starting', async () => {
    const console = start(['demo', '--hosts', '300']);
    await console.until('DEMO');
    console.type('\u0003\u0003');
    expect((await console.ended).exitCode).toBe(0);
    expect(leftBehind(console.written)).toEqual([]);
  });

  test('a terminal window that is closed ends the process, with nothing left running', async () => {
    const console = start(['demo']);
    await console.until(/● web1 /, 30_000);
    const family = descendants(console.pid);
    console.close();
    await console.ended;
    expect([console.pid, ...family].filter(isRunning)).toEqual([]);
  });
});

describe('a hard life', () => {
  test('stopped and continued, it goes on with fresh figures', async () => {
    const console = start(['demo']);
    await console.until(/● web1 /, 30_000);
    console.signal('SIGSTOP');
    await sleep(3000);
    console.signal('SIGCONT');
    await console.press('?', 'Every key of this console.');
    await console.press('\u001b', /● web1 /);
  });

  test('ctrl-z, and the signal that it would be, leave it running and say why; what a stop from outside left is drawn anew', async () => {
    const console = start(['demo']);
    await console.until(/● web1 /, 30_000);
    await console.press('\u001a', 'ctrl-z does not suspend');
    console.signal('SIGTSTP');
    // A stopped one answers no key.
    await console.press('?', 'Every key of this console.');
    console.signal('SIGSTOP');
    await sleep(300);
    const before = console.written.length;
    console.signal('SIGCONT');
    await console.until(() => console.written.slice(before).includes('\u001b[?1049h'));
    await console.press('\u001b', /● web1 /);
    console.type('\u0003\u0003');
    expect((await console.ended).exitCode).toBe(0);
    expect(leftBehind(console.written)).toEqual([]);
  });

  test('through a storm of resizes each frame fits, and the last one is whole', { timeout: 60_000 }, async () => {
    const console = start(['demo', '--scenario', 'pencils-down']);
    await console.until(/■ web2 /, 40_000);
    const sizes = [
      [40, 10],
      [200, 60],
      [80, 24],
      [30, 5],
      [120, 40],
      [41, 11],
      [160, 48],
      [1, 1],
      [79, 23],
    ] as const;
    for (let round = 0; round < 6; round += 1) {
      for (const [columns, lines] of sizes) {
        console.resize(columns, lines);
        await sleep(15);
      }
    }
    console.resize(80, 24);
    const screen = await console.until((text) => text.includes('<?> help') && /■ web2 /.test(text));
    expect(screen.match(/<\?> help/g)).toHaveLength(1);
    expect(screen.match(/^ [■] web2 +web /gm)).toHaveLength(1);
    expect(screen.split('\n')[0]).toContain('DEMO');
    console.resize(30, 5);
    await console.until('30×5 is too small');
    console.resize(40, 10);
    await console.until(/■ web2/);
  });

  test('two thousand random keys at a time crash nothing, quit nothing by accident and write nothing', { timeout: 120_000 }, async () => {
    const console = start(['demo', '--scenario', 'pencils-down']);
    await console.until(/■ web2 /, 40_000);
    const random = dice(20_261_122);
    for (let round = 0; round < 5; round += 1) {
      // In small pieces: more at once is taken for a paste, and dropped.
      for (let typed = 0; typed < 2000; typed += 5) {
        console.type(Array.from({ length: 5 }, () => keys[Math.floor(random() * keys.length)] ?? 'j').join(''));
        await sleep(5);
      }
      await sleep(400);
      console.type('\u001b');
      await sleep(60);
      expect(isRunning(console.pid)).toBe(true);
    }
    console.type('\u001b\u001b\u001b\u001b');
    await console.until((screen) => /DEMO/.test(screen.split('\n')[0] ?? ''));
    expect(await console.screen()).not.toContain('could not be drawn');
    expect((await console.journal()).filter(({ kind }) => kind === 'intent')).toEqual([]);
    expect(foreignBytes(withoutCopies(console.written))).toEqual([]);
  });
});

const letters = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));
const controls = Array.from({ length: 26 }, (_, index) => String.fromCharCode(1 + index)).filter((key) => key !== '\u0003');
// `y` would leave after a `q`, and confirm an arming: a person who means it waits for the question.
const keys = [
  ...letters,
  ...controls,
  ' ',
  '\r',
  '\u001b',
  '\u001b[A',
  '\u001b[B',
  '\u001b[5~',
  '\u001b[6~',
  '\u001b[H',
  '\u001bOP',
  '\u001b[200~x\u001b[201~',
  '日',
];

function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

function descendants(pid: number): number[] {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/).map(Number));
  const found = [pid];
  for (const parent of found) for (const [child = 0, of = 0] of table) if (of === parent) found.push(child);
  return found.slice(1);
}
