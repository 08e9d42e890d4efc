import type { Bundle } from './bundle.ts';
import { askChild } from './child-answer.ts';
import type { ScreenAnswer, ScreenRequest } from './client/screens.ts';
import { figure, median, quantile } from './figures.ts';
import type { BenchOptions } from './options.ts';
import { printTable } from './table.ts';

const fleets = [200, 1000] as const;
const framesEach = 40;
const keysEach = 120;

/** What a frame costs and how soon a key shows, on the real console over made-up fleets. */
export async function benchScreens(options: BenchOptions, bundle: Bundle): Promise<void> {
  const answers: (readonly [number, ScreenAnswer])[] = [];
  for (const hosts of fleets) {
    const request: ScreenRequest = {
      hosts,
      frames: options.only.includes('frames') ? framesEach : 1,
      keys: options.only.includes('keys') ? keysEach : 0,
    };
    const child = await askChild<ScreenAnswer>(bundle.file('screens'), request, options.profile);
    await child.end();
    answers.push([hosts, child.answer]);
  }
  if (options.only.includes('frames')) {
    printTable(
      'Frame cost on 120×40, one publication to one frame',
      ['hosts', 'rows that change', 'CPU, ms', 'best CPU, ms', 'to the write, ms', 'bytes'],
      answers.flatMap(([hosts, answer]) =>
        answer.frames.map(({ share, cpuMs, wallMs, bytes }) => [
          String(hosts),
          `${share * 100} %`,
          figure(median(cpuMs)),
          figure(Math.min(...cpuMs)),
          figure(median(wallMs)),
          String(Math.round(median(bytes))),
        ]),
      ),
    );
  }
  if (!options.only.includes('keys')) return;
  printTable(
    'Key to frame while the store publishes 4 times a second, 10 % of rows changing',
    ['hosts', 'median, ms', 'p95, ms', 'worst, ms'],
    answers.map(([hosts, { keyMs }]) => [String(hosts), figure(median(keyMs)), figure(quantile(keyMs, 0.95)), figure(Math.max(...keyMs))]),
    ['Ink draws at most 30 frames a second, so that a key just after another frame waits up to 33 ms.'],
  );
}
