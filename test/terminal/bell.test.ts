import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PtyConsole } from './pty-console.ts';
import { calls, foreignBytes } from './terminal-state.ts';

let dir = '';
let open: PtyConsole[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'qd-bell-'));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.stop()));
  rmSync(dir, { recursive: true, force: true });
  open = [];
});

/** A console on this machine alone, a check of which fails; `name` is what the failing check is called. */
function failing(bell: boolean, env: Readonly<Record<string, string>> = {}): PtyConsole {
  const pages = join(dir, 'pages');
  mkdirSync(pages, { mode: 0o700 });
  const page =
    'playbook: load-is-down\nformat: 1\ntitle: T\nowner: o\nreviewed: "2026-11-21"\nwhen_to_use: w\nsuggest: [{ alert: "^load-failing$" }]\nsteps: [{ stop: done }]\n';
  writeFileSync(join(pages, 'load-is-down.yaml'), page, { mode: 0o600 });
  const file = join(dir, 'fleet.yaml');
  writeFileSync(
    file,
    `fleet: bell\ninventory: [{ local: { name: here, role: web } }]\nchecks:\n  load: { on: web, tcp: 1, every: 1s }\nplaybooks: ${pages}\nnotify: { bell: ${bell} }\npoll: { every: 1s }\n`,
  );
  chmodSync(dir, 0o700);
  const made = new PtyConsole(['--fleet', file], { env, columns: 120 });
  open.push(made);
  return made;
}

describe('a new critical alert', () => {
  test('rings the terminal once with a notice of our own words, and stands on the bar with its playbook', async () => {
    const console = failing(true);
    const screen = await console.until('→ playbook load-is-down', 30_000);
    expect(screen).toContain('check load failing');
    await console.until(() => calls(console.written).length > 0);
    // Some more frames: it does not ring for each.
    await console.press('?', 'Every key of this console');
    expect(calls(console.written)).toEqual(['\u001b]9;quarterdeck: 1 critical\u0007']);
    expect(foreignBytes(console.written)).toEqual([]);
  }, 60_000);

  test('only rings a terminal that would print a notice', async () => {
    const console = failing(true, { TERM: 'linux' });
    await console.until('check load failing', 30_000);
    await console.until(() => console.written.includes('\u0007'));
    expect(console.written.match(/\u0007/g)).toHaveLength(1);
    expect(console.written).not.toContain('\u001b]');
  }, 60_000);

  test('rings nobody where the fleet file says so', async () => {
    const console = failing(false);
    await console.until('→ playbook load-is-down', 30_000);
    await console.press('?', 'Every key of this console');
    expect(console.written).not.toContain('\u0007');
  }, 60_000);
});
