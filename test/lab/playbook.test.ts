import { writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { PtyConsole } from '../terminal/pty-console.ts';
import { isDrained, ordersOf, statusOf, steadyLoad, tellBalancer, untilStatus } from './balancer.ts';
import { describeLab } from './describe-lab.ts';
import { type Lab, startLab } from './lab.ts';
import { playbookFleet } from './playbook-fleet.ts';
import { pollUntil } from './poll-until.ts';
import { exampleOn, RunConsole, type RunningCommand } from './run-console.ts';

const hung = ['--answer', 'cause.2.1=hung'];
/** Waits that a test would only sit through; the cases about them use the page as it is. */
const shorter = (page: string): string =>
  page.replace('hold: 10s                       #', 'hold: 5s #').replace('timeout: 45s\n', 'timeout: 20s\n');

describeLab('the example playbook on real hosts', null, () => {
  let lab: Lab;
  let fleet = '';
  let quickFleet = '';
  let qd: RunConsole;
  const open: (RunConsole | RunningCommand | PtyConsole)[] = [];

  beforeAll(async () => {
    lab = await startLab({
      hosts: [
        { name: 'web1', role: 'web' },
        { name: 'web2', role: 'web' },
        { name: 'lb1', role: 'lb' },
        { name: 'files1', role: 'files' },
      ],
    });
    fleet = playbookFleet(lab, 'whole');
    quickFleet = playbookFleet(lab, 'quick', shorter);
  });
  afterAll(() => lab?.stop());

  beforeEach(async () => {
    qd = new RunConsole(quickFleet);
    // What a case that failed half-way left must not fail those after it.
    await lab.must(
      'web1',
      'systemctl stop forever 2>/dev/null; rm -f /etc/pencils-broken /etc/pencils-flaps /etc/pencils-slow; cd /mnt/datadisk/data; [ ! -e gone ] || mv gone first',
    );
    for (const host of ['web1', 'web2', 'lb1']) await lab.must(host, 'rm -rf /run/lock/quarterdeck-*');
    for (const web of ['web1', 'web2']) {
      if ((await statusOf(lab, web)) !== 'UP') await lab.must(web, 'service pencils restart');
      await tellBalancer(lab, `set server web/${web} state ready`);
      await untilStatus(lab, web, 'UP');
    }
  });
  afterEach(async () => {
    qd.close();
    for (const each of open.splice(0))
      await (each instanceof PtyConsole ? each.stop() : each instanceof RunConsole ? each.close() : each.kill());
  });

  const pencils = async (host: string): Promise<string> =>
    (await lab.must(host, "ss -Hltnp 'sport = :8816' | grep -o 'pid=[0-9]*' | sort -u")).trim();
  const hang = async (host: string): Promise<void> => {
    await lab.run(host, 'curl -s -m 1 http://127.0.0.1:8816/hang');
  };
  const restarts = async (host: string): Promise<number> =>
    (await lab.must(host, 'journalctl --no-pager -o cat _COMM=sudo')).split('COMMAND=/usr/sbin/service pencils restart').length - 1;
  const changes = async () => ({ ...(await ordersOf(lab, 'web1')), restarts: await restarts('web1') });

  /** What happened since, and that nothing of it is left on any host: no lock, no step, no note but those that may stay. */
  async function since(before: Awaited<ReturnType<typeof changes>>, stays: unknown = ''): Promise<Awaited<ReturnType<typeof changes>>> {
    const left = await Promise.all(
      ['web1', 'web2', 'lb1'].map((host) =>
        // Not made here: this shell is root's, and the folder is the login's.
        lab.must(host, 'find /run/lock /home/ops/.local/state/quarterdeck -mindepth 1 ! -name subsys 2>/dev/null; true'),
      ),
    );
    expect(left.join('')).toEqual(stays);
    const now = await changes();
    return { drain: now.drain - before.drain, ready: now.ready - before.ready, restarts: now.restarts - before.restarts };
  }

  const nothing = { drain: 0, ready: 0, restarts: 0 };
  const once = { drain: 1, ready: 1, restarts: 1 };

  /** Connections to the node's port 80 that the page waits for; past the balancer, which knows nothing of them. */
  async function visitors(count: number): Promise<() => void> {
    const sockets = await Promise.all(
      Array.from({ length: count }, () => {
        const { promise, resolve, reject } = Promise.withResolvers<Socket>();
        const socket = createConnection({ host: lab.host('web1').address, port: 80 }, () => resolve(socket));
        socket.once('error', reject);
        return promise;
      }),
    );
    return () => sockets.forEach((socket) => socket.destroy());
  }

  /** The program on a terminal, for what is asked of a person. */
  function onTerminal(...args: readonly string[]): PtyConsole {
    const [, ...words] = qd.commandLine;
    const pty = new PtyConsole([...words, ...args], { columns: 180, lines: 60 });
    open.push(pty);
    return pty;
  }

  /** Answers a question once it is asked. */
  async function answer(pty: PtyConsole, question: string, text: string): Promise<void> {
    await pty.until(question, 60_000);
    await pty.until(/(: |>) *$/m);
    pty.type(`${text}\r`);
  }

  /** The data of a web node from files1, over the network: sshfs stands for NFS, which this machine's kernel does not have. */
  async function mountData(web: string): Promise<void> {
    const key = await lab.must(
      web,
      'mkdir -p /root/.ssh; [ -e /root/.ssh/id_ed25519 ] || ssh-keygen -q -t ed25519 -N "" -f /root/.ssh/id_ed25519; cat /root/.ssh/id_ed25519.pub',
    );
    await lab.must(
      'files1',
      `echo '${key.trim()}' >>/etc/ssh/lab_authorized_keys; mkdir -p /data/first; echo 'pen red' >/data/first/hello.coffee`,
    );
    await lab.must(web, 'systemctl start datadisk@files1; until grep -q fuse.sshfs /proc/mounts; do sleep 0.1; done');
  }

  async function unmountData(web: string): Promise<void> {
    await lab.must(web, 'systemctl stop datadisk@files1');
  }

  async function closedAs(result: string): Promise<void> {
    const closed = qd.entries().findLast((entry) => entry.detail.event?.event === 'close');
    expect(closed?.detail.event).toMatchObject({ result });
    expect(await qd.run('journal', 'verify')).toMatchObject({ code: 0 });
  }

  it('a restart heals a node that hangs, and nobody in front of the balancer sees it', async () => {
    qd = new RunConsole(fleet);
    const before = await changes();
    await hang('web1');
    await untilStatus(lab, 'web1', 'DOWN');
    const pid = await pencils('web1');
    const load = steadyLoad(lab.host('lb1').address);
    const ran = await qd.run(...exampleOn('web1', 'users see web1 hang', ...hung));
    const { bad, good } = await load.end();
    expect([ran.stderr, ran.code]).toEqual([expect.stringContaining('ok: every step is done'), 0]);
    expect(ran.stderr).toContain('port 8816 is open, and stayed so for 10s');
    expect(ran.stderr).not.toContain('OPEN');
    expect(bad).toEqual([]);
    expect(good).toBeGreaterThan(100);
    expect(await pencils('web1')).not.toBe(pid);
    expect(await statusOf(lab, 'web1')).toBe('UP');
    expect(await since(before)).toEqual(once);
    await closedAs('ok');
  });

  it('a node whose pencils is dead is restarted without a question', async () => {
    const before = await changes();
    await lab.run('web1', 'curl -s http://127.0.0.1:8816/crash');
    const ran = await qd.run(...exampleOn('web1', 'pencils is dead on web1'));
    expect([ran.stderr, ran.code]).toEqual([expect.stringContaining('ok: every step is done'), 0]);
    await untilStatus(lab, 'web1', 'UP');
    expect(await since(before)).toEqual(once);
    await closedAs('ok');
  });

  it('a false alarm ends well and changes nothing', async () => {
    const before = await changes();
    const pid = await pencils('web1');
    const ran = await qd.run(...exampleOn('web1', 'somebody said so', '--answer', 'cause.2.1=fine'));
    expect([ran.stderr, ran.code]).toEqual([expect.stringContaining('ok: False alarm.'), 0]);
    expect([await pencils('web1'), await statusOf(lab, 'web1')]).toEqual([pid, 'UP']);
    expect(await since(before)).toEqual(nothing);
    expect(qd.entries().filter((entry) => entry.kind === 'intent')).toEqual([]);
    await closedAs('ok');
  });

  it('a mount that hangs on one node hands over to the page about it, and changes nothing', async () => {
    const before = await changes();
    await mountData('web1');
    const transport = "pkill -f '^ssh .*root@files1'";
    await lab.must('web1', `${transport} -STOP`);
    const ran = await qd.run(...exampleOn('web1', 'nothing loads on web1', ...hung));
    await lab.must('web1', `${transport} -CONT`);
    await unmountData('web1');
    expect([ran.stderr, ran.code]).toEqual([expect.stringContaining('escalated: Handed over to nfs-data-unreachable.'), 1]);
    expect(ran.stderr).toMatch(/said no check timeout 5 stat .*exit 124/);
    expect(ran.stderr).toContain('tell the team: web1 waits for its data mount.');
    // The page it was handed to looked for itself.
    const mounted = qd.entries().find((entry) => entry.detail.event?.event === 'outcome' && entry.detail.event.key?.endsWith('>mounted'));
    expect(JSON.stringify(mounted?.detail)).toContain('root@files1:/data /mnt/datadisk/data fuse.sshfs');
    expect(await since(before)).toEqual(nothing);
    await closedAs('escalated');
  });

  it('a data server that is gone takes every node with it: the run stops at the first look', async () => {
    const before = await changes();
    await Promise.all([mountData('web1'), mountData('web2')]);
    await lab.freeze('files1');
    await Promise.all(['web1', 'web2'].map((web) => untilStatus(lab, web, 'DOWN')));
    const ran = await qd.run(...exampleOn('web1', 'nothing loads anywhere', ...hung));
    await lab.thaw('files1');
    await Promise.all([unmountData('web1'), unmountData('web2')]);
    expect([ran.stderr, ran.code]).toEqual([expect.stringContaining('escalated: No other healthy web node.'), 1]);
    expect(ran.stderr).toMatch(/not so: healthy >= 1 \(0 of 1 healthy, not web2 \(/);
    expect(await since(before)).toEqual(nothing);
    await closedAs('escalated');
  });

  it('what is respawned for ever is left out when the person says so, it is told as owed, and it can be paid later', async () => {
    const before = await changes();
    await lab.must('web1', 'touch /etc/pencils-flaps; service pencils restart');
    const respawn = 'while sleep 2; do ss -Hltn "sport = :8816" | grep -q . || service pencils start; done';
    await lab.must('web1', `systemd-run --quiet --unit=forever sh -c '${respawn}'`);
    const ran = await qd.run(...exampleOn('web1', 'pencils dies again and again', ...hung, '--answer', 'up.on_fail.1=leave'));
    expect([ran.stderr, ran.code]).toEqual([
      expect.stringContaining('escalated: web1 stays depooled; not taken back: Take web1 out of pool web'),
      1,
    ]);
    expect(ran.stderr).toContain('OPEN: Take web1 out of pool web');
    expect(await since(before, expect.stringMatching(/^(\/run\/lock\/quarterdeck-note-pool-web\S*\n)+$/))).toEqual({
      drain: 1,
      ready: 0,
      restarts: 1,
    });
    await closedAs('escalated');

    await lab.must('web1', 'systemctl stop forever; rm /etc/pencils-flaps; service pencils restart');
    const paid = await qd.call('act', 'repool', 'web1', '--pool', 'web', '--confirm', 'web1', '--reason', 'the build is mended');
    expect(paid).toMatchObject({ code: 0 });
    expect(await since(before)).toMatchObject({ drain: 1, ready: 1 });
    expect(
      qd
        .entries()
        .filter((entry) => entry.kind.startsWith('debt'))
        .map((entry) => entry.kind),
    ).toEqual(['debt-open', 'debt-settled']);
  });

  it('a second restart, asked for on a terminal, heals once the fault is gone', async () => {
    const before = await changes();
    await lab.must('web1', 'touch /etc/pencils-broken');
    await lab.run('web1', 'curl -s http://127.0.0.1:8816/crash');
    const pty = onTerminal(...exampleOn('web1', 'pencils is dead on web1'));
    await answer(pty, '▶ Take web1 out of pool web', 'go');
    await answer(pty, '▶ web-node-pencils-down: restart', 'go');
    await pty.until('pencils did not stay up.', 60_000);
    await lab.must('web1', 'rm /etc/pencils-broken');
    await answer(pty, 'again: Restart once more', 'again');
    await answer(pty, '▶ web-node-pencils-down: up.on_fail.1.again.1', 'go');
    await answer(pty, '▶ Put web1 back into pool web', 'go');
    expect(await pty.ended).toMatchObject({ exitCode: 0 });
    expect(await since(before)).toEqual({ drain: 1, ready: 1, restarts: 2 });
    await closedAs('ok');
  });

  it('a node that somebody took out past every console is healed, and stays out', async () => {
    const before = await changes();
    await tellBalancer(lab, 'set server web/web1 state maint');
    await lab.run('web1', 'curl -s http://127.0.0.1:8816/crash');
    const ran = await qd.run(...exampleOn('web1', 'pencils is dead on web1'));
    expect([ran.stderr, ran.code]).toEqual([expect.stringContaining('no console took it out: whoever did puts it back'), 1]);
    expect(ran.stderr).toMatch(/already .*web1 is already out of pool web/);
    expect(ran.stderr).not.toContain('OPEN');
    expect(await statusOf(lab, 'web1')).toBe('MAINT');
    expect(await since(before)).toEqual({ drain: 0, ready: 0, restarts: 1 });
  });

  it('a node that another console took out is put back by that console alone', async () => {
    const other = new RunConsole(quickFleet);
    open.push(other);
    const before = await changes();
    const out = await other.call('act', 'depool', 'web1', '--pool', 'web', '--confirm', 'web1', '--reason', 'a new build comes');
    expect(out).toMatchObject({ code: 0 });
    const ran = await qd.run(...exampleOn('web1', 'web1 hangs', ...hung));
    expect([ran.stderr, ran.code]).toEqual([expect.stringMatching(/nobody is there to answer/), 1]);
    expect(ran.stderr).toMatch(/already .*web1/);
    expect(ran.stderr).not.toContain('OPEN');
    expect(await statusOf(lab, 'web1')).toBe('DRAIN');
    const back = await other.call('act', 'repool', 'web1', '--pool', 'web', '--confirm', 'web1', '--reason', 'the build is there');
    expect(back).toMatchObject({ code: 0 });
    expect(await since(before)).toEqual(once);
  });

  it('a run called off after the depool offers to take it back, and does, and nobody sees it', async () => {
    const before = await changes();
    const pid = await pencils('web1');
    const leave = await visitors(6);
    const load = steadyLoad(lab.host('lb1').address);
    const pty = onTerminal(...exampleOn('web1', 'users see web1 hang', ...hung));
    await answer(pty, '▶ Take web1 out of pool web', 'go');
    await qd.untilEvent('outcome depool');
    await pause(1000);
    pty.type('\u0003');
    await answer(pty, '↶ Put web1 back into pool web', 'go');
    const end = await pty.ended;
    leave();
    const { bad } = await load.end();
    expect([pty.written, end.exitCode]).toEqual([expect.stringContaining('undone: interrupted by the operator'), 1]);
    expect(bad).toEqual([]);
    expect([await pencils('web1'), await statusOf(lab, 'web1')]).toEqual([pid, 'UP']);
    expect(await since(before)).toEqual({ drain: 1, ready: 1, restarts: 0 });
    await closedAs('undone');
  });

  it('Ctrl-C at a question calls the run off as well', async () => {
    const before = await changes();
    const pty = onTerminal(...exampleOn('web1', 'users see web1 hang', ...hung));
    await answer(pty, '▶ Take web1 out of pool web', 'go');
    await pty.until('▶ web-node-pencils-down: restart', 60_000);
    await pty.until(/undo \/ stop: *$/m);
    pty.type('\u0003');
    await answer(pty, '↶ Put web1 back into pool web', 'go');
    expect(await pty.ended).toMatchObject({ exitCode: 1 });
    expect(pty.written).toContain('undone: ');
    expect(await since(before)).toEqual({ drain: 1, ready: 1, restarts: 0 });
    await closedAs('undone');
  });

  it('killed in each step, it goes on where it was, and every change is made once', async () => {
    const before = await changes();
    await hang('web1');
    await lab.must('web1', 'touch /etc/pencils-slow');
    const killedAt = async (command: RunningCommand, there: Promise<void>): Promise<void> => {
      open.push(command);
      await there;
      await command.kill();
    };
    const resumed = (): RunningCommand => qd.start('playbook', 'resume', '--confirm', 'web-node-pencils-down', ...hung);
    const step = async (host: string): Promise<void> => {
      const running = 'ls -d /home/ops/.local/state/quarterdeck/steps/*/run';
      if (!(await pollUntil(async () => (await lab.run(host, running)).code === 0, 60_000))) throw new Error(`no step on ${host}`);
    };

    // Diagnose, after its first look.
    await killedAt(qd.start(...exampleOn('web1', 'users see web1 hang')), qd.untilEvent('outcome others'));
    // Choose: the question stands on a terminal.
    const asked = onTerminal('playbook', 'resume');
    await asked.until('What do users see?', 60_000);
    asked.signal('SIGKILL');
    await asked.ended;
    const drained = async (is: boolean): Promise<void> => {
      if (!(await pollUntil(async () => (await isDrained(lab, 'web1')) === is, 60_000))) throw new Error(`web1 drained: never ${is}`);
    };
    // Depool: as soon as its intent is written; then once the balancer has it, before its proof.
    await killedAt(resumed(), qd.untilEvent('intent depool'));
    await killedAt(resumed(), drained(true));
    expect(qd.events()).not.toContain('outcome depool');
    // Drain: visitors stay.
    const leave = await visitors(6);
    await killedAt(
      resumed(),
      qd.untilEvent('outcome depool').then(() => pause(1500)),
    );
    expect(qd.events()).not.toContain('outcome drain');
    leave();
    // Restart: while its command runs on the host.
    await killedAt(resumed(), step('web1'));
    expect(qd.events()).not.toContain('outcome restart');
    // Up: open, and held.
    await lab.must('web1', 'mv /mnt/datadisk/data/first /mnt/datadisk/data/gone');
    await killedAt(
      resumed(),
      qd.untilEvent('outcome restart').then(() => pause(500)),
    );
    expect(qd.events()).not.toContain('outcome up');
    // Body: 200 with an error in it is waited for.
    await killedAt(
      resumed(),
      qd.untilEvent('outcome fresh').then(() => pause(1500)),
    );
    expect(qd.events()).not.toContain('outcome lb-view');
    await lab.must('web1', 'mv /mnt/datadisk/data/gone /mnt/datadisk/data/first');
    // Repool: once the balancer has it, before its proof.
    await killedAt(resumed(), drained(false));
    expect(qd.events()).not.toContain('outcome repool');

    const last = await qd.run('playbook', 'resume', '--confirm', 'web-node-pencils-down');
    expect([last.stderr, last.code]).toEqual([expect.stringContaining('ok: every step is done'), 0]);
    expect(last.stderr).not.toContain('OPEN');
    expect(await since(before)).toEqual(once);
    expect(qd.events().filter((event) => event === 'handover')).toHaveLength(9);
    await closedAs('ok');
    expect(await qd.run('playbook', 'resume')).toMatchObject({ code: 64, stderr: expect.stringContaining('no run is left open') });
  });

  it('the record of an incident writes itself while the page is walked, and is sent as it is', async () => {
    qd = new RunConsole(fleet);
    const watching = qd.start('watch', '--json');
    open.push(watching);
    const load = steadyLoad(lab.host('lb1').address);
    await hang('web1');
    const alert = (): boolean =>
      qd.entries().some((entry) => entry.kind === 'alert' && JSON.stringify(entry.detail).includes('load-failing'));
    expect(await pollUntil(alert, 60_000, 200)).toBe(true);
    const incident = async (...words: readonly string[]): Promise<void> => {
      expect(await qd.call('incident', ...words)).toMatchObject({ code: 0 });
    };
    await incident('start', '--alert', 'load-failing', '--service', 'pencils', '--commander', 'Ann');
    const ran = await qd.run(...exampleOn('web1', 'users see web1 hang', ...hung));
    expect([ran.stderr, ran.code]).toEqual([expect.stringContaining('ok: every step is done'), 0]);
    await incident('mitigate');
    const { bad } = await load.end();
    await incident('impact', 'failed requests', String(bad.length));
    await incident('note', 'TODO find out what made pencils hang');
    // What only a person can tell.
    await incident('analysis', 'contributing-factors', 'A request that never ends blocks the one process of a node.');
    await incident('analysis', 'resolution-lasting', 'None yet.');
    await incident('analysis', 'went-well', 'The page led to the restart at once.');
    await incident('analysis', 'went-wrong', 'Nobody knows what made it hang.');
    const over = (): boolean => qd.entries().some((entry) => entry.kind === 'alert' && entry.outcome === 'ended');
    await pollUntil(over, 20_000, 200);
    await incident('close');
    await watching.kill();

    const exported = async (name: string, ...words: readonly string[]): Promise<string> => {
      const { code, stderr, stdout } = await qd.call('incident', 'export', ...words);
      expect([stderr, code]).toEqual(['', 0]);
      const keep = process.env['LAB_KEEP'];
      if (keep !== undefined) writeFileSync(join(keep, name), stdout);
      return stdout;
    };
    const [page, html, json, external] = [
      await exported('incident.md'),
      await exported('incident.html', '--format', 'html'),
      await exported('incident.json', '--format', 'json'),
      await exported('incident-external.md', '--external'),
    ];
    // In the order of what happened; nothing that a reader would have to cut out or to ask for.
    const told = [
      /Critical: load-failing on web1/,
      /Incident declared SEV-2: web1: /,
      /Playbook web-node-pencils-down .*ended well after/,
      /8816 is listening\. What do users see\? Hangs or 5xx: restart it/,
      /Take web1 out of pool web: ok, .*`pool haproxy: set server web\/web1 state drain`/,
      /restart on web1: ok .*`sudo service pencils restart`/,
      /Put web1 back into pool web: ok, .*`pool haproxy: set server web\/web1 state ready`/,
      /Mitigated/,
      /Closed/,
    ];
    const rows = page.split('\n').filter((row) => /^\| \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \| /.test(row));
    expect(rows.map((row) => row.slice(2, 21))).toEqual(rows.map((row) => row.slice(2, 21)).toSorted());
    let at = -1;
    for (const line of told) {
      const next = rows.findIndex((row, index) => index > at && line.test(row));
      expect([line.source, next], rows.join('\n')).toEqual([line.source, expect.toSatisfy((found: number) => found > at)]);
      at = next;
    }
    expect(Math.max(...page.split('\n').map((line) => line.length))).toBeLessThan(400);
    for (const part of [
      '| Began |',
      '| Mitigated |',
      '| commander | Ann |',
      `- failed requests: ${bad.length}`,
      'find out what made pencils hang',
      'Put web1 back into pool web: ok',
    ])
      expect(page).toContain(part);
    for (const text of [page, html, external]) expect(text).not.toMatch(/\bnull\b|undefined|NaN|\[object|\{\{|TODO:|q_plain/);
    expect(html).toContain('Take web1 out of pool web');
    expect(html).toMatch(/^<!doctype html>/i);
    expect(JSON.parse(json)).toMatchObject({
      format: 'quarterdeck-report',
      status: 'closed',
      severity: 'SEV-2',
      hosts: ['web1'],
      ongoing: false,
      debts: [],
      playbooks: [{ playbook: 'web-node-pencils-down', result: 'ok', skipped: [] }],
    });
    expect(external).not.toMatch(/left out|web1|lb1|pencils|haproxy|sudo|Ann|root|198\.18|8816/);
    expect(external).toContain('Monitoring reported that it is over');
  });
});
