import { parseArgs } from 'node:util';

export const benchmarkNames = ['contact', 'round', 'fleet', 'frames', 'keys', 'start'] as const;

export type BenchmarkName = (typeof benchmarkNames)[number];

export interface BenchOptions {
  /** Hosts of the loopback sshd. */
  readonly hosts: number;
  /** Interleaved rounds of which the median is shown. */
  readonly rounds: number;
  readonly only: readonly BenchmarkName[];
  /** Directory for CPU profiles of the measured children, `null` for none. */
  readonly profile: string | null;
}

export const usage = `npm run bench -- [--hosts N] [--rounds N] [--only ${benchmarkNames.join('|')}]… [--profile DIR]`;

/** @throws Error in one sentence. */
export function readOptions(argv: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      hosts: { type: 'string', default: '100' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string', multiple: true, default: [] },
      profile: { type: 'string' },
    },
  });
  const only = values.only.map((name) => {
    const known = benchmarkNames.find((one) => one === name);
    if (known === undefined) throw new Error(`--only ${name}: there are ${benchmarkNames.join(', ')}`);
    return known;
  });
  return {
    hosts: whole('--hosts', values.hosts, 2000),
    rounds: whole('--rounds', values.rounds, 50),
    only: only.length === 0 ? benchmarkNames : only,
    profile: values.profile ?? null,
  };
}

function whole(name: string, text: string, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most) throw new Error(`${name} ${text}: a whole number from 1 to ${most} is needed`);
  return value;
}
