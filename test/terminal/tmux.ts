import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const hasTmux = spawnSync('tmux', ['-V']).status === 0;

/** For `describe.skipIf`: skips where tmux is missing, but fails in CI, where it must be there. */
export function tmuxMissing(): boolean {
  if (!hasTmux && process.env['CI'] === 'true') throw new Error('tmux must be installed in CI.');
  return !hasTmux;
}

/** A tmux server of its own that runs one program; it lets programs set clipboard and titles, so that one that does is seen. */
export class Tmux {
  readonly #folder = mkdtempSync(join(tmpdir(), 'qd-tmux-'));
  readonly #socket = join(this.#folder, 's');

  constructor(command: string, columns: number, lines: number) {
    const settings = ['set -g set-clipboard on', 'set -g allow-rename on', 'set -g automatic-rename off', 'set -g set-titles on'];
    const size = ['-x', String(columns), '-y', String(lines)];
    this.#call('new-session', '-d', '-s', 'first', ...size, 'sleep 600');
    for (const setting of settings) this.#call(...setting.split(' '));
    this.#call('new-session', '-d', '-s', 'console', '-n', 'window-as-it-was', ...size, command);
    this.#call('select-pane', '-t', 'console', '-T', 'title-as-it-was');
  }

  type(...keys: readonly string[]): void {
    this.#call('send-keys', '-t', 'console', ...keys);
  }

  screen(): string {
    return this.#call('capture-pane', '-p', '-t', 'console');
  }

  /** The program's process id. */
  get pid(): number {
    return Number(this.#call('display-message', '-p', '-t', 'console', '#{pane_pid}'));
  }

  /** What a program may have changed behind the person's back. */
  canaries(): { readonly buffers: string; readonly title: string; readonly window: string } {
    return {
      buffers: this.#call('list-buffers'),
      title: this.#call('display-message', '-p', '-t', 'console', '#{pane_title}').trim(),
      window: this.#call('display-message', '-p', '-t', 'console', '#{window_name}').trim(),
    };
  }

  async until(wanted: RegExp, deadlineMs = 20_000): Promise<string> {
    const end = performance.now() + deadlineMs;
    for (;;) {
      const screen = this.screen();
      if (wanted.test(screen)) return screen;
      if (performance.now() > end) throw new Error(`tmux never showed ${String(wanted)}:\n${screen}`);
      await sleep(50);
    }
  }

  /** Closes the terminal under the program. */
  closeConsole(): void {
    this.#call('kill-session', '-t', 'console');
  }

  stop(): void {
    spawnSync('tmux', ['-S', this.#socket, 'kill-server']);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #call(...args: readonly string[]): string {
    return execFileSync('tmux', ['-S', this.#socket, '-f', '/dev/null', ...args], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    });
  }
}
