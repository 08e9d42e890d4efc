import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyJournal } from '../../src/journal/verify.ts';
import { type Acknowledged, type ChildProgram, ConsoleChild } from './child.ts';
import { type BenchConsole, openConsole } from './console.ts';
import type { BenchHost } from './hosts.ts';
import { randomFrom } from './random.ts';

/** What a campaign of kills found. Every number but the first three must be 0 for a change to be safe. */
export interface KillReport {
  rounds: number;
  /** Killed with an intent open, by what the next start made of it. */
  interrupted: Record<string, number>;
  /** Phase the change was in when the kill came. */
  phases: Record<string, number>;
  acknowledged: number;
  lost: number;
  executedTwice: number;
  executedWithoutIntent: number;
  /** The journal says one thing, the host's own log another. */
  wronglyTold: string[];
  unresolved: number;
  leftBehind: string[];
  chain: string;
}

/**
 * Kills a console at a random moment of a change, again and again, and lets the next start make sense of it.
 * `state` is the console's state directory, `seed` decides every moment.
 */
export async function killCampaign(
  program: ChildProgram,
  host: BenchHost,
  where: { readonly fleet: string; readonly state: string },
  plan: { readonly rounds: number; readonly seed: number },
): Promise<KillReport> {
  const random = randomFrom(plan.seed);
  const report: KillReport = {
    rounds: 0,
    interrupted: {},
    phases: {},
    acknowledged: 0,
    lost: 0,
    executedTwice: 0,
    executedWithoutIntent: 0,
    wronglyTold: [],
    unresolved: 0,
    leftBehind: [],
    chain: '',
  };
  const acks: Acknowledged[] = [];
  const start = (): ConsoleChild => new ConsoleChild(program, { ...where, who: 'ann@deck', hosts: [host.name] });
  const next = await openConsole({ ...where, who: 'ann@deck', hosts: [host.name] });
  let child = start();
  for (let round = 0; round < plan.rounds; round += 1) {
    const tag = `k${round}`;
    host.set('seconds', (random() * 0.4).toFixed(2));
    if ((await child.line('ready')) === null) throw new Error(`The console did not start: ${child.errors}`);
    const spare = round + 1 < plan.rounds ? start() : null;
    child.begin({ action: 'custom', hostId: host.id, name: 'change', inputs: { tag } }, { reason: `round ${round}` });
    await killSomewhere(child, random);
    const phase = child.phases().at(-1) ?? 'plan';
    report.phases[phase] = (report.phases[phase] ?? 0) + 1;
    acks.push(...child.acknowledged());
    await takeUp(next, host, tag, report);
    report.rounds += 1;
    if (spare !== null) child = spare;
  }
  await judge(next, host, acks, report);
  await next.close();
  const verified = verifyJournal(join(where.state, 'quarterdeck'));
  report.chain = verified.ok ? 'whole' : verified.problem;
  return report;
}

/** Half of the kills follow a phase that was told, the others come at any time of the change. */
async function killSomewhere(child: ConsoleChild, random: () => number): Promise<void> {
  const phases = ['lock', 'journal', 'send', 'done'];
  if (random() < 0.5) {
    const phase = phases[Math.floor(random() * phases.length)] ?? 'send';
    await Promise.race([child.line(`progress ${phase}`), child.line('outcome')]);
    await sleep(random() * 60);
  } else {
    await Promise.race([sleep(random() * 900), child.line('outcome')]);
  }
  await child.kill();
}

/** What the next start does with it, and whether that is what the host's own log says. */
async function takeUp(next: BenchConsole, host: BenchHost, tag: string, report: KillReport): Promise<void> {
  for (const item of next.executor.recovery.pending()) {
    const resolved = await next.executor.recovery.resolve(item, () => {});
    const what = resolved.kind === 'closed' ? resolved.outcome : resolved.kind;
    report.interrupted[what] = (report.interrupted[what] ?? 0) + 1;
    const [begun, ended] = [host.times(tag), host.times(tag, 'end')];
    const told = resolved.kind === 'closed' ? resolved.summary : resolved.kind;
    if (what === 'ok' && ended !== 1) report.wronglyTold.push(`${tag}: ok, but ended ${ended} times`);
    if (what === 'failed' && begun !== 0) report.wronglyTold.push(`${tag}: ${told}, but begun ${begun} times`);
  }
  report.unresolved += next.executor.recovery.pending().length;
}

async function judge(next: BenchConsole, host: BenchHost, acks: readonly Acknowledged[], report: KillReport): Promise<void> {
  // The last round's lock may still be that of a console that died before its intent: the next change must not be kept out by it.
  const last = await next.change(
    { action: 'custom', hostId: host.id, name: 'change', inputs: { tag: 'last' } },
    { reason: 'after the campaign' },
  );
  if (last.kind !== 'ok') report.leftBehind.push(`the next change: ${last.kind === 'refused' ? last.refusal.message : last.summary}`);
  report.leftBehind.push(...host.steps().map((step) => `step ${step}`), ...host.locks().map((lock) => `lock ${lock}`));
  const entries = next.journal.tail(1_000_000);
  const hashes = new Set(entries.map((entry) => entry.hash));
  report.acknowledged = acks.length;
  report.lost = acks.filter((ack) => !hashes.has(ack.hash)).length;
  const intended = new Set(entries.flatMap((entry) => (entry.kind === 'intent' ? [entry.command ?? ''] : [])));
  const begun = host.happened().filter((one) => one.what === 'begin');
  report.executedTwice = begun.length - new Set(begun.map((one) => one.tag)).size;
  report.executedWithoutIntent = begun.filter((one) => !intended.has(`change ${one.tag}`)).length;
}
