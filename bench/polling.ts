import type { Bundle } from './bundle.ts';
import type { Cost } from './client/measured.ts';
import { figure, median, ratio } from './figures.ts';
import { type LoopbackFleet, startLoopback } from './loopback.ts';
import { type MeasuredChild, startChild } from './measured-child.ts';
import type { BenchOptions } from './options.ts';
import { peers, startMasters } from './peers.ts';
import { installed } from './reaped.ts';
import { printTable } from './table.ts';

/** Polls of every host that one measurement of a round is made of. */
const roundsAtOnce = 10;
/** Tools that start a process a host cost the same for each, so fewer hosts and rounds will do. */
const peerHosts = 40;
const spreadForMs = 10_000;

/** All measurements of each way, by its name. */
type Measurements = Map<string, Cost[]>;

/** First contact and steady rounds on a real sshd, side by side in one run. */
export async function benchPolling(options: BenchOptions, bundle: Bundle): Promise<void> {
  const { fleet, stop } = await startLoopback(options.hosts);
  try {
    const contact: Measurements = new Map();
    const together: Measurements = new Map();
    const spread: Measurements = new Map();
    for (let round = 0; round < options.rounds; round += 1) {
      for (const name of ['bare ssh2', 'Quarterdeck'] as const) {
        await measureClient(name, bundle, fleet, options, contact, together, spread);
      }
    }
    const missing = options.only.includes('contact') || options.only.includes('round') ? await measurePeers(fleet, contact, together) : [];
    print(options, contact, together, spread, missing);
  } finally {
    await stop();
  }
}

async function measureClient(
  name: 'bare ssh2' | 'Quarterdeck',
  bundle: Bundle,
  fleet: LoopbackFleet,
  options: BenchOptions,
  contact: Measurements,
  together: Measurements,
  spread: Measurements,
): Promise<void> {
  const file = bundle.file(name === 'Quarterdeck' ? 'quarterdeck' : 'bare-ssh2');
  await withChild(startChild(file, options.profile), async (child) => {
    await child.ask({ kind: 'open', fleet, everyMs: null });
    add(contact, name, await child.ask({ kind: 'contact' }));
    // The first rounds run code that is not compiled yet; a console runs for hours.
    await child.ask({ kind: 'rounds', times: roundsAtOnce });
    if (options.only.includes('round')) add(together, name, await child.ask({ kind: 'rounds', times: roundsAtOnce }));
  });
  if (!options.only.includes('round')) return;
  await withChild(startChild(file, options.profile), async (child) => {
    await child.ask({ kind: 'open', fleet, everyMs: 1000 });
    await child.ask({ kind: 'contact' });
    await child.ask({ kind: 'spread', forMs: 3000 });
    add(spread, name, await child.ask({ kind: 'spread', forMs: spreadForMs }));
  });
}

async function withChild(child: MeasuredChild, work: (child: MeasuredChild) => Promise<void>): Promise<void> {
  try {
    await work(child);
  } finally {
    await child.end();
  }
}

/** @returns names of what is not installed. */
async function measurePeers(all: LoopbackFleet, contact: Measurements, together: Measurements): Promise<readonly string[]> {
  const fleet = { ...all, addresses: all.addresses.slice(0, peerHosts) };
  const present = await Promise.all(peers.map((peer) => installed(peer.program)));
  const usable = peers.filter((_, index) => present[index]);
  for (const peer of usable) add(contact, peer.name, ofHosts(await peer.run(fleet, fleet.sshConfigFile), fleet, peer.name));
  if (usable.some((peer) => peer.program === 'ssh')) {
    const masters = await startMasters(fleet);
    try {
      add(contact, 'ssh masters', masters.contact);
      for (const peer of usable) {
        const before = masters.cpuMs();
        const cost = ofHosts(await peer.run(fleet, fleet.mastersConfigFile), fleet, peer.name);
        add(together, `${peer.name}, over masters`, { ...cost, cpuMs: cost.cpuMs + masters.cpuMs() - before, rssMb: masters.memoryMb() });
      }
    } finally {
      await masters.stop();
    }
  }
  return peers.flatMap((peer, index) => (present[index] === true ? [] : [peer.program]));
}

function ofHosts(cost: Cost & { readonly ok: boolean }, fleet: LoopbackFleet, name: string): Cost {
  if (!cost.ok) throw new Error(`${name} failed on some host`);
  return { ...cost, count: fleet.addresses.length };
}

function add(to: Measurements, name: string, cost: Cost): void {
  to.set(name, [...(to.get(name) ?? []), cost]);
}

function print(
  options: BenchOptions,
  contact: Measurements,
  together: Measurements,
  spread: Measurements,
  missing: readonly string[],
): void {
  const notes = [
    `Client processes only; medians of ${options.rounds} interleaved rounds. Tools that start a process a host ran once on ${Math.min(peerHosts, options.hosts)} hosts.`,
    ...(missing.length === 0 ? [] : [`Not installed here, so not measured: ${missing.join(', ')}.`]),
  ];
  if (options.only.includes('contact')) {
    printTable(
      `First contact: connect, authenticate, one probe (${options.hosts} hosts)`,
      ['way', 'CPU/host, ms', '× bare ssh2', 'wall/host, ms', 'loop held up, ms', 'memory, MB'],
      rows(contact, (cost) => [cost.cpuMs / cost.count, cost.wallMs / cost.count, cost.blockedMs, cost.rssMb]),
      notes,
    );
  }
  if (!options.only.includes('round')) return;
  const head = ['way', 'CPU/host, µs', '× bare ssh2', 'wall/host, µs', 'loop held up, ms', 'memory, MB'];
  const perPoll = (cost: Cost): number[] => [
    (1000 * cost.cpuMs) / cost.count,
    (1000 * cost.wallMs) / cost.count,
    cost.blockedMs,
    cost.rssMb,
  ];
  printTable(`Steady round, all hosts at once (${options.hosts} hosts)`, head, rows(together, perPoll), notes);
  printTable(
    `Steady rounds spread over 1 s (${options.hosts} hosts), every second one of Quarterdeck's with disks`,
    head,
    rows(spread, perPoll),
  );
}

/** One row a way: its first figure with the ratio to bare ssh2, then the others. */
function rows(measured: Measurements, figures: (cost: Cost) => readonly number[]): string[][] {
  const middle = (costs: readonly Cost[]): number[] =>
    (costs[0] === undefined ? [] : figures(costs[0])).map((_, index) => median(costs.map((cost) => figures(cost)[index] ?? Number.NaN)));
  const base = middle(measured.get('bare ssh2') ?? [])[0] ?? 0;
  return [...measured].map(([name, costs]) => {
    const [first = Number.NaN, ...others] = middle(costs);
    return [name, figure(first), ratio(first, base), ...others.map(figure)];
  });
}
