import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { PtyConsole } from './pty-console.ts';

let console: PtyConsole | null = null;

afterEach(async () => {
  await console?.stop();
  console = null;
});

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
// ctrl-c twice leaves; it has a test of its own.
const controls = Array.from({ length: 28 }, (_, index) => String.fromCharCode(index)).filter((key) => key !== '\u0003');
const named = [
  '\u001b[A',
  '\u001b[B',
  '\u001b[C',
  '\u001b[D',
  '\u001b[H',
  '\u001b[F',
  '\u001b[3~',
  '\u001b[5~',
  '\u001b[6~',
  '\u001b[Z',
  '\u007f',
  '\u001bOP',
  '\u001b[15~',
];
const everyKey = [...printable, ...controls, ...named];

/** How to come from the fleet to each screen, and what stands on it. */
const screens = [
  { name: 'fleet', way: '', mark: /^[ ✓][●■] web2 +web/m },
  { name: 'host', way: '\r', mark: /services\n/ },
  { name: 'raw', way: 'y', mark: /^ \{/m },
  { name: 'help', way: '?', mark: /Every key of this console/ },
  { name: 'pools', way: ':pools', mark: /^ web {2}haproxy/m },
  { name: 'backups', way: ':backups', mark: /BACKUP +HOST/ },
  { name: 'sources', way: ':sources', mark: /^ [●▲?] \S+ .* hosts? .*listed/m },
] as const;

describe('a console started with --read-only', () => {
  test('changes nothing by any key on any screen, whatever a person answers to what opens', { timeout: 180_000 }, async () => {
    const shown = new PtyConsole(['demo', '--read-only', '--scenario', 'pencils-down'], { columns: 100, lines: 40 });
    console = shown;
    await shown.until(/■ web2 .*pencils ■ failed/, 40_000);
    expect(await shown.screen()).toContain('read-only always');
    const before = await instances(shown);

    for (const screen of screens) {
      for (const key of everyKey) {
        if (!stands(await shown.screen(), screen.mark)) {
          await backToFleet(shown);
          if (screen.way.startsWith(':')) await command(shown, screen.way.slice(1));
          else shown.type(screen.way);
          await shown.until(screen.mark);
        }
        shown.type(key);
        await sleep(15);
        await answerEverything(shown);
      }
    }
    for (const text of ['restart web2/pencils', 'restart web1/nginx', 'depool web1', 'repool web1', 'backup data on nfs1', 'arm prod']) {
      await backToFleet(shown);
      await command(shown, text);
      await sleep(200);
      await answerEverything(shown);
    }

    await backToFleet(shown);
    expect(await instances(shown)).toEqual(before);
    const written = (await shown.journal()).map(({ kind }) => kind);
    expect(written).not.toContain('intent');
    expect(written).not.toContain('outcome');
  });
});

/** Whether a screen is the one wanted, with nothing over it and nothing being typed. */
function stands(screen: string, mark: RegExp): boolean {
  return mark.test(screen) && isFleet(screen) === (mark === screens[0].mark) && !isBusy(screen);
}

const isBusy = (screen: string): boolean => /<esc>|^ [:/]\S* *(?:\d|$)|^ sort {2}/m.test(screen);

/** Types a command. A dialog that a key before it opened may show itself only now and take the colon: then it is closed and it is tried again. */
async function command(shown: PtyConsole, text: string): Promise<void> {
  for (let tries = 0; !/^ : /m.test(await shown.screen()); tries += 1) {
    if (tries > 20) throw new Error('The command line did not open.');
    await backToFleet(shown);
    shown.type(':');
    await sleep(200);
  }
  shown.type(text);
  await shown.until(new RegExp(`^ :${text}`, 'm'));
  shown.type('\r');
}

/** Where a dialog or a plan is open: what a person who wants the change would answer, each past the time in which keys are dropped. */
async function answerEverything(shown: PtyConsole): Promise<void> {
  for (let step = 0; step < 8; step += 1) {
    const screen = await shown.screen();
    // Leaving is no change, and the scenarios of the demo are not the console's doing.
    if (!screen.includes('<esc>') || screen.includes('Leave the console?') || screen.includes('scenario of the demo fleet')) return;
    await sleep(320);
    const answer = answerTo(screen);
    for (const one of answer ?? ['A', 'y', 'web2\r', '\r']) {
      shown.type(one);
      await sleep(60);
    }
    if (answer === null) return;
    for (let wait = 0; wait < 20 && bodyOf(await shown.screen()) === bodyOf(screen); wait += 1) await sleep(30);
  }
}

/** The answer that the screen asks for; `null` when it asks for none. */
function answerTo(screen: string): readonly string[] | null {
  const word = /Type the host name (\S+) and Enter/.exec(screen)?.[1];
  if (word !== undefined) return [`${word}\r`];
  if (screen.includes('<A>')) return ['A'];
  if (screen.includes('<y>')) return ['y'];
  if (screen.includes('<enter> plan')) return ['\r'];
  return screen.includes('Making the plan') || screen.includes('under way') ? [] : null;
}

/** Escape until the fleet stands there, one at a time: two at once are Alt and Escape. */
async function backToFleet(shown: PtyConsole): Promise<void> {
  for (let step = 0; step < 20; step += 1) {
    const before = await shown.screen();
    if (isFleet(before) && !isBusy(before) && / {3}4 hosts$/m.test(before)) return;
    shown.type('\u001b');
    await sleep(90);
    for (let wait = 0; wait < 10 && bodyOf(await shown.screen()) === bodyOf(before); wait += 1) await sleep(30);
  }
  throw new Error(`There is no way back to the fleet from:\n${await shown.screen()}`);
}

/** Without the header, whose clock moves by itself. */
const bodyOf = (screen: string): string => screen.split('\n').slice(1).join('\n');

const isFleet = (screen: string): boolean => /^ {3}HOST[↑↓]? +ROLE/m.test(screen);

/** The pids and instances on the screen, once a frame this high has arrived whole. */
async function settled(shown: PtyConsole): Promise<readonly string[]> {
  const read = async (): Promise<string[]> => (await shown.screen()).split('\n').filter((line) => /"(pid|instance)":/.test(line));
  let last = await read();
  for (let same = 0; same < 4; ) {
    await sleep(80);
    const next = await read();
    same = next.join() === last.join() ? same + 1 : 0;
    last = next;
  }
  return last;
}

/** What proves that nothing was restarted: pid and instance of every service, from the raw JSON of every host. */
async function instances(shown: PtyConsole): Promise<Record<string, readonly string[]>> {
  const found: Record<string, readonly string[]> = {};
  shown.resize(100, 700);
  for (const host of ['lb1', 'nfs1', 'web1', 'web2']) {
    await backToFleet(shown);
    shown.type(':');
    await shown.until(/^ : /m);
    shown.type(`host ${host}`);
    await shown.until(new RegExp(`^ :host ${host}`, 'm'));
    shown.type('\r');
    await shown.until((screen) => !isFleet(screen) && new RegExp(`[●■] ${host} (ok|crit)`).test(screen));
    shown.type('y');
    await shown.until(/"instance"/);
    found[host] = await settled(shown);
  }
  await backToFleet(shown);
  shown.resize(100, 40);
  await shown.until((screen) => screen.split('\n').length === 40 && isFleet(screen));
  return found;
}
