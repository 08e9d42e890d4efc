import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildChild, type ChildProgram, ConsoleChild } from '../child.ts';
import { openConsole } from '../console.ts';
import { BackedUpHost, backupsMissing } from './backed-up-host.ts';

const reason = { reason: 'a test' };

describe.skipIf(backupsMissing())('a backup that is killed', () => {
  const host = new BackedUpHost(73);
  let program: ChildProgram;
  beforeAll(async () => {
    program = await buildChild();
  });
  afterAll(() => program?.remove());

  test('its rsync killed half-way is told as failed, in the journal too, and the last good one stands', async () => {
    await host.on.change(host.request);
    const [good] = host.copies();
    host.grow('4M');
    const running = host.on.change(host.request, reason);
    const { rsync } = await host.copying();
    process.kill(rsync, 'SIGKILL');
    expect(await running).toMatchObject({ kind: 'failed', summary: expect.stringContaining('rsync ended with exit 137') });
    expect(host.on.journal.tail(1)[0]).toMatchObject({ kind: 'outcome', outcome: 'failed' });
    expect(host.copies()).toEqual([good]);
    expect(await host.read()).toMatchObject({
      running: null,
      artifacts: [{ name: good, verified: true }],
      failed: { why: expect.stringContaining('137') },
    });
  }, 30_000);

  test('called off, it stops on the host and is told as failed', async () => {
    host.grow('4M');
    const plan = await host.on.plan(host.request);
    host.on.executor.arm(plan.env);
    const running = host.on.executor.execute(plan, plan.confirmation.word, () => {});
    const { rsync } = await host.copying();
    expect(await host.on.executor.cancel(plan)).toBe(true);
    expect(await running).toMatchObject({ kind: 'failed', summary: expect.stringContaining('cancelled') });
    expect(existsSync(`/proc/${rsync}`)).toBe(false);
    expect(await host.read()).toMatchObject({ running: null, artifacts: [], failed: { why: expect.stringContaining('called off') } });
  }, 30_000);

  test('its shell and rsync killed on the host is told as failed or unknown, never as done', async () => {
    await host.on.change(host.request);
    const [good] = host.copies();
    host.grow('4M');
    const running = host.on.change(host.request, reason);
    const { shell, rsync } = await host.copying();
    for (const pid of [shell, rsync]) process.kill(pid, 'SIGKILL');
    const outcome = await running;
    expect(['failed', 'unknown']).toContain(outcome.kind);
    expect(host.copies()).toEqual([good]);
    expect(await host.read()).toMatchObject({ running: null, failed: { why: expect.stringContaining('killed') } });
  }, 30_000);

  test('after kill -9 of the console it goes on, shows its progress, and the next start adopts its end', async () => {
    host.grow('6M');
    const own = host.state();
    const child = new ConsoleChild(program, { fleet: host.fleet, state: own, who: 'ann@deck' });
    if ((await child.line('ready')) === null) throw new Error(child.errors);
    child.begin(host.request);
    await host.copying();
    await child.kill();
    expect((await host.read())?.running?.bytes).toBeGreaterThan(0);
    const next = await openConsole({ fleet: host.fleet, state: own, who: 'ann@deck' });
    try {
      const [item, none] = next.executor.recovery.pending();
      if (item === undefined) throw new Error('nothing is open');
      expect(none).toBeUndefined();
      const resolved = await next.executor.recovery.resolve(item, () => {});
      expect(resolved).toMatchObject({ kind: 'closed', outcome: 'ok', summary: expect.stringContaining('new copy') });
    } finally {
      await next.close();
    }
    expect(host.copies()).toHaveLength(1);
    expect(existsSync(join(host.place, 'copies', host.copies()[0] ?? '', 'd'))).toBe(true);
  }, 40_000);
});
