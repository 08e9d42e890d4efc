import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventTime } from '../../src/commands/incident/event-time.ts';
import { AlertLog } from '../../src/journal/alert-log.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import { alert } from '../journal/incident/story.ts';
import { smtpServer } from '../notify/servers.ts';
import { buildProgram, type Ended, quarterdeck } from './program.ts';

let home = '';
beforeAll(() => buildProgram(), 180_000);
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'qd-incident-'));
  fleet('');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function fleet(more: string): void {
  const text = `fleet: pencilcode
inventory: [{ static: [{ name: web1, role: web, address: 10.1.2.3 }] }]
routines: { daily: [check quota requests], weekly: [release] }
redact: ["hunter\\\\d"]
${more}`;
  writeFileSync(join(home, 'fleet.yaml'), text, { mode: 0o600 });
}

const run = (...args: readonly string[]): Promise<Ended> =>
  quarterdeck(['--fleet', join(home, 'fleet.yaml'), '--state-dir', join(home, 'state'), ...args], { home });

describe('quarterdeck incident', () => {
  test('from the first word to the report, over several calls', { timeout: 60_000 }, async () => {
    expect((await run('incident', 'start', 'web', 'is', 'slow', '--severity', 'SEV-2', '--host', 'web1', '--began', '20m')).stdout).toBe(
      'INC-1  SEV-2  open  web is slow\n',
    );
    await run('incident', 'note', 'password hunter2 | TODO <rotate> it', '--at', '10m');
    await run('incident', 'decide', 'restart web1?', 'yes', '--option', 'no', '--executes', 'ann');
    await run('incident', 'update', 'We are on it.', '--to', 'users');
    const closed = await run('incident', 'close', '--json');
    expect(JSON.parse(closed.stdout)).toMatchObject({ id: 'INC-1', status: 'closed' });
    const markdown = await run('incident', 'export');
    expect(markdown.status).toBe(0);
    expect(markdown.stderr).toBe(
      'nobody has written yet: numbers of the impact, the contributing factors, a lasting resolution, what went well, what went wrong; quarterdeck incident impact and analysis do\n',
    );
    expect(markdown.stdout).toContain('# INC-1: web is slow');
    expect(markdown.stdout).toContain('\\[redacted\\] \\| (to do: \\<rotate> it)');
    const json = await run('incident', 'export', 'INC-1', '--format', 'json', '--external');
    expect(json.stderr).toBe('');
    expect(JSON.parse(json.stdout)).toMatchObject({ format: 'quarterdeck-report', variant: 'external', hosts: [] });
    expect(json.stdout).not.toMatch(/web1|hunter2|\bann\b/);
    const out = join(home, 'report.html');
    expect(await run('incident', 'export', '--format', 'html', '--out', out)).toMatchObject({ status: 0, stdout: '' });
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect(readFileSync(out, 'utf8')).toMatch(/^<!doctype html>/);
    const again = await run('incident', 'export', '--format', 'html', '--out', out);
    expect(again).toMatchObject({ status: 64 });
    expect(again.stderr).toContain('is there already');
    expect((await run('incident', 'export', '--template', 'aslo')).stdout).toContain('== Root cause ==');
    expect((await run('journal', 'verify')).stdout).toMatch(/^ok: /);
  });

  test('starts from an alert that a console has seen', { timeout: 30_000 }, async () => {
    mkdirSync(join(home, 'state'), { mode: 0o700 });
    const journal = openJournal(join(home, 'state'), () => new Date());
    new AlertLog({ journal, fleet: 'pencilcode', who: 'ann@deck' }).take([alert({ since: Date.now() - 60_000 })], Date.now());
    journal.close();
    expect((await run('incident', 'start', '--alert', 'nfs-slow')).stdout).toBe('INC-1  SEV-2  open  nfs1: NFS latency 48 ms (limit 20)\n');
    const unknown = await run('incident', 'start', '--alert', 'no-such');
    expect(unknown.status).toBe(64);
    expect(unknown.stderr).toContain('standing: nfs-slow@static/nfs1');
    const exported = await run('journal', 'export', '--since', '1h', '--format', 'json');
    expect(JSON.parse(exported.stdout).timeline[0].text).toContain('Critical: nfs-slow on nfs1');
  });

  test('hands a shift over with its routines', { timeout: 30_000 }, async () => {
    await run('incident', 'start', 'disk full');
    expect((await run('incident', 'routine', 'check')).stdout).toContain('[x] daily   check quota requests');
    const handoff = await run('incident', 'handoff', '--since', '8h');
    expect(handoff.stdout).toContain('- INC-1 SEV-3 disk full: open');
    expect(handoff.stdout).toMatch(/- \[x\] daily: check quota requests \(done .* by /);
    expect(handoff.stdout).toContain('- [ ] weekly: release (never done)');
    expect(JSON.parse((await run('incident', 'handoff', '--json')).stdout)).toMatchObject({
      format: 'quarterdeck-handoff',
      fleet: 'pencilcode',
    });
  });

  test('sends an update when asked, and keeps it when it cannot', { timeout: 60_000 }, async () => {
    const { smtp, mails } = await smtpServer();
    fleet(`notify: { mail: { to: users@example.org, smtp: "${smtp}" } }`);
    await run('incident', 'start', 'web is slow');
    expect(await run('incident', 'update', 'Back up.', '--send')).toMatchObject({ status: 0, stderr: '' });
    expect(mails[0]?.data).toContain('INC-1 web is slow: Back up.');
    fleet('');
    expect((await run('incident', 'update', 'x', '--send')).stderr).toContain('has no notify:');
  });

  test.each([
    [['incident', 'start']],
    [['incident', 'note', 'x']],
    [['incident', 'severity', 'high']],
    [['incident', 'role', 'boss', 'ann']],
    [['incident', 'time', 'lunch']],
    [['incident', 'impact', 'users', 'many']],
    [['incident', 'export', 'INC-9']],
    [['incident', 'export', '--format', 'pdf']],
    [['incident', 'note', 'x', '--at', 'yesterdayish']],
    [['incident', 'frobnicate']],
    [['incident', 'routine', 'nothing like it']],
    [['journal', 'export', '--since', '5m', '--until', '10m']],
  ])('wrong usage is one sentence and exit 64: %j', { timeout: 20_000 }, async (args) => {
    const ended = await run(...args);
    expect(ended.status).toBe(64);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).not.toMatch(/\n\s+at /);
    expect(ended.stderr).not.toBe('');
  });
});

describe('a time as people type it', () => {
  const now = Date.UTC(2026, 10, 22, 14, 7);
  test.each([
    ['14:00', Date.UTC(2026, 10, 22, 14)],
    ['23:59', Date.UTC(2026, 10, 21, 23, 59)],
    ['9:05:30Z', Date.UTC(2026, 10, 22, 9, 5, 30)],
    ['5m', now - 300_000],
    ['2026-11-20T03:04', Date.UTC(2026, 10, 20, 3, 4)],
    ['2026-11-20 03:04:05Z', Date.UTC(2026, 10, 20, 3, 4, 5)],
    ['2026-11-20T03:04+01:00', Date.UTC(2026, 10, 20, 2, 4)],
  ])('%s', (text, at) => {
    expect(eventTime(text, '--at', now)).toBe(at);
  });

  test.each(['25:00', 'soon', '2026-13-01', '', '14:60'])('%j is none', (text) => {
    expect(() => eventTime(text, '--at', now)).toThrow('--at takes');
  });
});
