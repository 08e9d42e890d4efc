import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { PtyConsole } from './pty-console.ts';

describe('an incident on a real terminal', () => {
  let console: PtyConsole | null = null;
  afterEach(async () => {
    await console?.stop();
    console = null;
  });

  test('is started from an alert by keys, takes a note from another screen, and is closed and exported', { timeout: 90_000 }, async () => {
    console = new PtyConsole(['demo', '--scenario', 'pencils-down'], { columns: 100, lines: 30 });
    await console.until(/■ web\d: pencils failed/, 45_000);
    await console.press('I', 'No incident was ever started here');
    const form = await console.press('n', 'start an incident');
    expect(form).toMatch(/what is wrong +web\d: pencils failed/);
    await console.press('\r', '‹ SEV-2 ›');
    await console.press('\r\r\r', 'is open: i adds a note from any screen');
    expect((await console.screen()).split('\n')[0]).toMatch(/INC-1 SEV-2 \d+s/);

    await console.press('\u001b', 'incidents');
    await console.press('\u001b', 'HOST');
    await console.press('@', 'command log');
    await console.press('i', 'goes into');
    await console.press('users report 502', 'users report 502');
    await console.press('\r', '‹ INC-1');
    await console.press('\r', 'The note is in INC-1.');

    await console.press('I', /note +users report 502/);
    await console.press('C', 'All is told and done.');
    await console.press('\r', 'INC-1 is closed.');
    await console.press('e', 'INC-1: export');
    await console.press('\r', 'Written: ');

    const { stdout, status } = await console.call('incident', 'list', '--all', '--json');
    expect(status).toBe(0);
    const incident: { readonly status: string; readonly notes: readonly { readonly text: string }[] } = JSON.parse(stdout);
    expect(incident.status).toBe('closed');
    expect(incident.notes.map((note) => note.text)).toEqual(['users report 502']);
    const { stdout: markdown } = await console.call('incident', 'export');
    expect(markdown).toContain('users report 502');
    const dir = `${console.home}/state/quarterdeck`;
    const [file = ''] = readdirSync(dir).filter((name) => /^INC-1-.*\.md$/.test(name));
    expect(readFileSync(`${dir}/${file}`, 'utf8')).toContain('# INC-1: web');
  });
});
