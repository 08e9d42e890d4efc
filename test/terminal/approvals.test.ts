import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Hosts, hostsMissing, startHosts } from '../actions/hosts.ts';
import { inOwnMountsAndName } from '../commands/own-mounts.ts';
import { PtyConsole } from './pty-console.ts';

const page = `playbook: signed
format: 1
owner: tests
reviewed: "2026-11-22"
when_to_use: a test
title: Empty the mirror
inputs: { node: { type: host, from: web } }
steps:
  - { id: boss, approve: "May the mirror of {{ node }} be emptied?", by: the web team, timeout: 20m }
  - { id: loud, run: "change loud", host: "{{ node }}", timeout: 20s, undo: none, why: w }
`;

describe.skipIf(hostsMissing())('two people at two consoles that share nothing but the hosts', () => {
  let hosts: Hosts;
  let fleet = '';
  const open: PtyConsole[] = [];

  beforeAll(async () => {
    hosts = await startHosts(134, 1);
    const pages = join(hosts.directory, 'pages');
    mkdirSync(pages);
    writeFileSync(join(pages, 'signed.yaml'), page);
    fleet = hosts.fleet({
      environments: { prod: { match: { name: '^web' } } },
      playbooks: pages,
      actions: { wipe: { on: 'web', run: 'change one', risk: 'danger', undo: 'none' } },
      approve: { danger: true },
    });
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.stop()));
  });
  afterAll(async () => hosts?.stop());

  async function consoleOf(who: string, columns: number, lines: number): Promise<PtyConsole> {
    const home = mkdtempSync(join(hosts.directory, `${who}-`));
    const opened = new PtyConsole(['--fleet', fleet], { columns, lines, home, under: inOwnMountsAndName(`hostname ${who}`) });
    open.push(opened);
    await opened.until(/● web1/, 45_000);
    return opened;
  }

  /** As a person types: several keys at once would be a paste. */
  async function type(one: PtyConsole, text: string, wanted: string | RegExp): Promise<string> {
    for (const key of text) {
      one.type(key);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return one.press('\r', wanted);
  }

  async function asked(ann: PtyConsole): Promise<string> {
    await ann.press('x', 'what to do with web1');
    await ann.press('1', /<A> arm|Type the host name/);
    if ((await ann.screen()).includes('<A> arm writes, then')) {
      await ann.press('A', 'arm writes in prod');
      await ann.press('y', 'Type the host name');
    }
    await new Promise((resolve) => setTimeout(resolve, 350));
    return type(ann, 'web1', 'end the wait');
  }

  test('one asks, the other reads the whole of it and signs, and it goes on by itself', {
    timeout: 150_000,
  }, async () => {
    const [ann, bob] = await Promise.all([consoleOf('ann', 80, 24), consoleOf('bob', 160, 48)]);
    const wait = await asked(ann);
    expect(wait).toMatch(/quarterdeck approve [0-9a-f]{8}/);
    expect(wait).toMatch(/anybody but you \(\S+@ann\)/);
    await bob.until(/\S+@ann asks for your signature: wipe on web1, good for 9m/, 40_000);
    await bob.press('Y', '1 waits for you');
    const card = await bob.press('\r', 'Type the host name web1 and Enter to sign');
    expect(card).toContain('made of exactly what stands here');
    await new Promise((resolve) => setTimeout(resolve, 350));
    await type(bob, 'web1', 'Signed: wipe on web1.');
    const done = await ann.until(/● ok +wipe on web1/, 40_000);
    expect(done).toMatch(/signed +● by \S+@bob \(uid \d+\)/);
    expect(hosts.only.times('one')).toBe(1);

    await ann.press('\u001b', 'HOST');
    await ann.press('Y', 'nothing waits for you');
    await ann.press('\u001b', 'HOST');
    await ann.press(':', ':');
    ann.type('quit\r');
    await ann.ended;
  });

  test('a run that waits says for whom and until when, is declined from the other console, and tells the reason', {
    timeout: 150_000,
  }, async () => {
    const [ann, bob] = await Promise.all([consoleOf('ann', 160, 48), consoleOf('bob', 80, 24)]);
    await ann.press('A', 'arm writes in prod');
    await ann.press('y', 'ARMED');
    await ann.press('p', 'Empty the mirror');
    await ann.press('s', 'start: Empty the mirror');
    await ann.press('\r', 'may be left out');
    await ann.press('\r', 'Start it?');
    const waiting = await ann.press('y', 'Somebody of the web team must approve');
    expect(waiting).toMatch(/quarterdeck approve [0-9a-f]{8}/);
    expect(waiting).toMatch(/until +\d\d:\d\d:\d\dZ, \d+m\d*s? ?more/);
    expect(waiting).toContain('unsigned');
    await bob.until('to sign, Y', 40_000);
    await bob.press('Y', 'part of Empty the mirror');
    await bob.press('\r', 'Type the word sign and Enter to sign');
    await bob.press('\t', 'Decline, because');
    await type(bob, 'not on a Friday', 'Declined: May the mirror of web1 be emptied?');
    await ann.until(/declined by \S+@bob \(uid \d+\): not on a Friday/, 40_000);
    expect(hosts.only.times('loud')).toBe(0);
  });
});
