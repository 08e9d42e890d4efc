import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { PtyConsole, type PtyOptions } from './pty-console.ts';

const open: PtyConsole[] = [];
const start = (args: readonly string[], options: PtyOptions = {}): PtyConsole => {
  const made = new PtyConsole(args, options);
  open.push(made);
  return made;
};

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.stop()));
});

/** A question drops what is typed in its first moments, so the answer comes later. */
async function answer(console: PtyConsole, key: string, wanted: RegExp, deadlineMs = 30_000): Promise<string> {
  await sleep(400);
  console.type(key);
  return console.until(wanted, deadlineMs);
}

/** The command may go on in the next line. */
const sends = (command: string): RegExp => new RegExp(`Send this\\?[^]*runs +[^]*?${command.split(' ').join('\\s+')}`);

/** From the fleet to the first question of the example playbook, by keys. */
async function begin(console: PtyConsole): Promise<string> {
  await console.until(/● 4 /, 40_000);
  await console.press(':', /:/);
  await console.press('run web-node', 'run web-node-pencils-down');
  await console.press('\r', 'start: Web node unhealthy');
  // Whatever host was in hand: up to the first field, and it is typed anew.
  await console.press('\u001b[A', /› node/);
  await console.press('\u0015web1\r', /node +web1[^]*› reason/);
  await console.press('trying it\r', 'Start it?');
  await console.press('y', 'arm writes in prod');
  await console.press('y', 'Start it?');
  return console.press('y', '<2> Hangs or 5xx: restart it');
}

describe('a playbook at 3 a.m., on 80 columns and 24 lines, by keys alone', () => {
  test('the example is walked to its good end, and every step of it is in the journal', { timeout: 120_000 }, async () => {
    const console = start(['demo']);
    const question = await begin(console);
    expect(question).toContain('<2> Hangs or 5xx: restart it');
    const depool = await answer(console, '2', sends('set server web/web1 state drain'));
    expect(depool).toMatch(/▸ waits for you/);

    // Enter sends nothing, and neither does what was typed before the question could be read.
    await sleep(400);
    console.type('\r');
    await sleep(600);
    expect(await console.screen()).toMatch(sends('set server web/web1 state drain'));

    await answer(console, 'y', sends('sudo service pencils restart'));
    expect(await console.screen()).toMatch(/▲ 1 open: Take web1 out of pool web/);
    const holding = await answer(console, 'y', /holds +█/);
    expect(holding).toMatch(/gives up +in \d+s/);

    // The run goes on while the person looks elsewhere; the header leads back.
    console.type('q');
    await console.until(/run:? waits.*, v /, 40_000);
    await answer(console, 'v', sends('set server web/web1 state ready'));
    const closed = await answer(console, 'y', /● closed: ok/, 60_000);
    expect(closed).toContain('nothing is owed back');

    const events = (await console.journal()).filter(({ kind }) => kind === 'run').map(({ outcome }) => outcome);
    for (const event of ['open', 'locks', 'answer', 'intent', 'debt-open', 'debt-settled', 'outcome: ok', 'close'])
      expect(events).toContain(event);
    expect(events.filter((event) => event === 'intent')).toHaveLength(3);
    expect(events.at(-1)).toBe('close');
    const verified = await console.call('journal', 'verify');
    expect([verified.stdout, verified.status]).toEqual([expect.stringMatching(/^ok: \d+ entries/), 0]);
  });

  test('a run whose console was killed is offered by the next one, and goes on where it stood', { timeout: 120_000 }, async () => {
    const home = mkdtempSync(join(tmpdir(), 'qd-playbook-'));
    try {
      const first = start(['demo'], { home });
      await begin(first);
      await answer(first, '2', sends('set server web/web1 state drain'));
      await answer(first, 'y', sends('sudo service pencils restart'));
      first.signal('SIGKILL');
      await first.ended;

      const second = start(['demo'], { home });
      const offered = await second.until(/left open: Web node unhealthy/, 40_000);
      expect(offered).toMatch(/open +▲ Take web1 out of pool web/);
      await second.until(/● 4 /, 40_000);
      await answer(second, 'r', /arm writes in prod/);
      await answer(second, 'y', /left open: Web node unhealthy/);
      await answer(second, 'r', sends('sudo service pencils restart'));

      // Called off with a reason; what may be taken back is shown and asked.
      await answer(second, 'a', /abort the run/);
      await second.press('only a test\r', /Take this back\?|closed: /);
      if ((await second.screen()).includes('Take this back?')) await answer(second, 'y', /closed: /, 60_000);
      const events = (await second.journal()).filter(({ kind }) => kind === 'run').map(({ outcome }) => outcome);
      expect(events).toContain('handover');
      expect(events.filter((event) => event === 'intent')).toHaveLength(1);
      expect(events.at(-1)).toBe('close');
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});
