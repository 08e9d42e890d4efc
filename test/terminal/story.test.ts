import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { PtyConsole } from './pty-console.ts';

const open: PtyConsole[] = [];
const start = (args: readonly string[]): PtyConsole => {
  const made = new PtyConsole(args);
  open.push(made);
  return made;
};

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.stop()));
});

describe('the page at 3 a.m., on 80 columns and 24 lines, by keys alone', () => {
  test('a sick service is found, understood, restarted, proved well, and all of it is in the journal', { timeout: 90_000 }, async () => {
    const console = start(['demo', '--scenario', 'pencils-down']);

    // Found: the worst host is the first row, and the sick service is named in it.
    const fleet = await console.until(/■ web2 .*pencils ■ failed/, 40_000);
    expect(fleet.split('\n').find((line) => /^ [●▲■?] \w+ +(web|nfs|lb) /.test(line))).toContain('web2');

    // Understood: the host screen says why, and the cursor is on the sick service.
    const host = await console.press('\r', /web2 crit/);
    expect(host).toContain('unit says active (exited) but port 8816 is closed');

    // The picker offers the sick one first; its plan can be read although nothing may be changed yet.
    await console.press('r', 'restart which service of web2?');
    const locked = await console.press('\r', 'Restart pencils on web2');
    expect(locked).toContain('service pencils restart');
    expect(locked).toContain('prod is read-only, so this cannot be done yet');

    // Armed after a question; the plan comes back by itself and asks for the host's name.
    await console.press('A', 'arm writes in prod');
    await console.press('y', 'Type the host name web2');

    // A wrong name does nothing.
    await console.press('web1\r', 'is not the host name asked for. Nothing was sent.');
    await console.press('\u0015web2\r', /journal {2}● intent restart-/);

    const outcome = await console.until(/● ok {2}pencils restarted and healthy/, 60_000);
    expect(outcome).toContain('port 8816: listening');
    await console.press('\u001b', /ARMED [0-4]:\d\d/);
    await console.until((screen) => /● pencils +running/.test(screen) && !screen.includes('web2 crit'), 30_000);
    await console.press('q', (screen) => screen.includes('● 4') && /web2 +web/.test(screen));

    const entries = await console.journal();
    expect(entries.map(({ kind, outcome: came }) => (kind === 'outcome' ? `${kind} ${came}` : kind))).toEqual(
      expect.arrayContaining(['intent', 'outcome ok']),
    );
    expect(entries.findIndex(({ kind }) => kind === 'intent')).toBeLessThan(entries.findIndex(({ kind }) => kind === 'outcome'));
    const intent = entries.find(({ kind }) => kind === 'intent');
    expect(intent?.targets).toContain('web2');
    expect(intent?.command).toContain('service pencils restart');
    const verified = await console.call('journal', 'verify');
    expect(verified.stdout).toMatch(/^ok: \d+ entries/);
    expect(verified.status).toBe(0);

    // Left by the front door.
    await console.press('q', 'Leave the console?');
    await sleep(400);
    console.type('y');
    expect(await console.ended).toEqual({ exitCode: 0, signal: 0 });
  });
});
