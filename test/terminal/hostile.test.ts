import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sshdMissing } from '../sshd/sshd.ts';
import { freshBundle } from './bundle.ts';
import { evil, type HostileHost, startHostileHost } from './hostile-host.ts';
import { isRunning, PtyConsole } from './pty-console.ts';
import { foreignBytes } from './terminal-state.ts';
import { Tmux, tmuxMissing } from './tmux.ts';

describe('the scan of a terminal’s bytes', () => {
  test('finds every kind of hostile text', () => {
    expect(foreignBytes(evil).length).toBeGreaterThan(14);
    expect(foreignBytes('\u001b[?1049h\u001b[1;31mplain ● ▂▃ text\u001b[0m\r\n')).toEqual([]);
    expect(foreignBytes('\u001b[6n')).toHaveLength(1);
    expect(foreignBytes('\u001b]0;t\u0007')).toHaveLength(2);
  });
});

describe.skipIf(sshdMissing())('a host that answers with hostile text everywhere', () => {
  let host: HostileHost;
  let shown: PtyConsole | null = null;

  beforeAll(async () => {
    host = await startHostileHost();
  });
  afterEach(async () => {
    await shown?.stop();
    shown = null;
  });
  afterAll(() => host.stop());

  test('sends none of it to the terminal, on any screen, nor through the output of a change', { timeout: 90_000 }, async () => {
    const console = new PtyConsole(['--fleet', host.fleetFile], { columns: 140, lines: 50 });
    shown = console;
    await console.until(/web1 .*worker/, 30_000);
    await console.until(/\\x1b/);
    await console.press('\r', 'MANAGER SAYS');
    // It is shown, made visible: a test that never got the text to the screen would prove nothing.
    await console.until(/PWNED-TITLE/);
    await console.press('y', '"labels"');
    for (let pages = 0; pages < 12; pages += 1) {
      console.type('\u0006');
      await sleep(40);
    }
    await console.press('\u001b', 'MANAGER SAYS');
    // The lock of a host lies on the host, which is this machine: another test may be changing it now.
    for (let tries = 0; tries < 10; tries += 1) {
      await console.press('r', 'restart which service');
      await console.press('w', /press y to go on/);
      await console.press('y', /▲ refused/);
      if (!(await console.screen()).includes('is changing web1')) break;
      await console.press('\u001b', 'MANAGER SAYS');
      await sleep(3000);
    }
    await console.until(/nginx:\s+\S*PWNED-TITLE/);
    await console.press('\u001b', 'MANAGER SAYS');
    console.type(':');
    await console.until(/^ : /m);
    console.type('PWNED');
    await sleep(200);
    expect(foreignBytes(console.written)).toEqual([]);
    // Every line of the screen is its own: nothing of the host's text moved the cursor.
    expect((await console.screen()).split('\n')[0]).toContain('hostile');
  });

  describe.skipIf(tmuxMissing())('in tmux, which lets programs set clipboard and titles', () => {
    test('leaves paste buffers, pane title and window name as they were, and ends when its terminal is closed', {
      timeout: 90_000,
    }, async () => {
      const home = mkdtempSync(join(tmpdir(), 'qd-terminal-'));
      const tmux = new Tmux(
        `exec env HOME=${home} XDG_STATE_HOME=${home}/state TERM=tmux-256color ${process.execPath} ${freshBundle()} --fleet ${host.fleetFile}`,
        120,
        40,
      );
      try {
        const before = tmux.canaries();
        expect(before).toEqual({ buffers: '', title: 'title-as-it-was', window: 'window-as-it-was' });
        await tmux.until(/web1 .*worker/);
        for (const key of ['Enter', 'y', 'C-f', 'C-f', 'Escape', '?', 'Escape', 'r']) {
          tmux.type(key);
          await sleep(250);
        }
        expect(tmux.canaries()).toEqual(before);
        const { pid } = tmux;
        expect(isRunning(pid)).toBe(true);
        tmux.closeConsole();
        for (let wait = 0; wait < 100 && isRunning(pid); wait += 1) await sleep(50);
        expect(isRunning(pid)).toBe(false);
      } finally {
        tmux.stop();
        rmSync(home, { recursive: true, force: true });
      }
    });

    test('the canaries do catch a program that sets them', async () => {
      const tmux = new Tmux(`sleep 0.4; printf '\\033]52;c;UFdORUQ=\\007\\033]2;PWNED\\033\\\\'; exec sleep 60`, 80, 24);
      try {
        await sleep(1200);
        const { buffers, title } = tmux.canaries();
        expect(buffers).toContain('PWNED');
        expect(title).toBe('PWNED');
      } finally {
        tmux.stop();
      }
    });
  });
});
