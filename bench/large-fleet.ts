import type { Bundle } from './bundle.ts';
import { askChild } from './child-answer.ts';
import type { DemoHosts } from './client/demo-hosts.ts';
import type { LargeFleetAnswer, LargeFleetRequest } from './client/large-fleet.ts';
import { figure } from './figures.ts';
import type { BenchOptions } from './options.ts';
import { printTable } from './table.ts';

const hosts = 1000;
/** Two periods of five seconds, in which every host has its second round. */
const settleMs = 12_000;
const measureMs = 20_000;

/** A thousand hosts at the usual pace of a round every five seconds. */
export async function benchLargeFleet(options: BenchOptions, bundle: Bundle): Promise<void> {
  const rows: string[][] = [];
  for (const checks of [false, true]) {
    const demo = await askChild<DemoHosts>(bundle.file('demo-hosts'), hosts);
    try {
      const request: LargeFleetRequest = { hosts: demo.answer, checks, settleMs, measureMs };
      const client = await askChild<LargeFleetAnswer>(bundle.file('large-fleet'), request, options.profile);
      await client.end();
      const { contact, steady, publications } = client.answer;
      rows.push([
        checks ? 'rounds and the checks of every web host' : 'rounds',
        `${((100 * steady.cpuMs) / steady.wallMs).toFixed(1)} %`,
        figure((1000 * steady.cpuMs) / steady.count),
        figure((1000 * steady.count) / steady.wallMs),
        figure((1000 * publications) / steady.wallMs),
        figure(steady.blockedMs),
        figure(steady.rssMb),
        figure(contact.cpuMs / contact.count),
        figure(contact.wallMs / 1000),
      ]);
    } finally {
      await demo.end();
    }
  }
  printTable(
    `${hosts} hosts, a round every 5 s (the demo's SSH servers in another process)`,
    [
      'what',
      'of one core',
      'µs/round',
      'rounds/s',
      'publications/s',
      'loop held up, ms',
      'memory, MB',
      'first contact, ms/host',
      'all seen, s',
    ],
    rows,
  );
}
