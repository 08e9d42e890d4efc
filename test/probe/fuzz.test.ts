import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Measured } from '../../src/probe/measured.ts';
import { measure } from '../../src/probe/measured.ts';
import { toSample } from '../../src/probe/sample.ts';
import { capture, hostFiles, procPart, roundOf, service } from './rounds.ts';

const spec = {
  services: [
    service('systemd', 'nginx', { port: 80 }),
    service('sysv', 'uwsgi', { socket: '/run/uwsgi/app/img/socket' }),
    service('systemd-user', 'hknweb'),
    service('docker', 'web'),
    service('docker-compose', 'rest-server', { project: 'codalab' }),
    service('supervisor', 'app:web'),
  ],
  sudo: { kind: 'no' },
} as const;

const files = hostFiles(1000, {
  '/proc/self/mountstats': capture('mountstats.after.txt'),
  '/proc/net/rpc/nfsd': capture('nfsd.after.txt'),
  '/proc/pressure/cpu': 'some avg10=63.52 avg60=45.68 avg300=23.02 total=90105235\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
});

const parts: Readonly<Record<string, string>> = {
  proc: procPart(files),
  units: `${capture('systemctl-show.nginx.full.txt')}\n${capture('systemctl-show.uwsgi.full.txt')}`,
  userunits: capture('ns/systemctl-user-show.hknweb.full.txt'),
  docker: capture('docker-inspect.web.json'),
  supervisor: 'app:web   RUNNING   pid 42, uptime 1 day, 2:03:04\n',
  listen: '   0: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 579 1 0 100 0 0 10 0\n',
  df: 'Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda 1992552 553564 1422604 29% /\n',
  dfi: 'Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/vda 131072 32768 98304 25% /\n',
  dstate: '2\n',
};

/** What goes wrong with text on its way or in a kernel: cut, doubled, swapped, other numbers, hostile bytes. */
type Mutation = {
  readonly kind: 'cut' | 'drop' | 'double' | 'insert' | 'number';
  readonly part: string;
  readonly at: number;
  readonly text: string;
};

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('cut', 'drop', 'double', 'insert', 'number'),
  part: fc.constantFrom(...Object.keys(parts), 'proc', 'proc', 'proc'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  text: fc.oneof(
    fc.constantFrom(
      '-1',
      'NaN',
      '1e999',
      '18446744073709551615',
      '99999999999999999999999',
      '0',
      '=',
      '\n\n',
      '\t',
      '\x1b]52;c;eA==\x07',
      '-',
      '.',
      ' ',
      '{',
      '__proto__',
    ),
    fc.string({ maxLength: 8 }),
  ),
});

function mutate(text: string, { kind, at, text: other }: Mutation): string {
  const here = Math.floor(at * text.length);
  switch (kind) {
    case 'cut':
      return text.slice(0, here);
    case 'drop':
      return text.slice(0, here) + text.slice(here + 1 + other.length * 3);
    case 'double':
      return text.slice(0, here) + text.slice(Math.max(0, here - 200));
    case 'insert':
      return text.slice(0, here) + other + text.slice(here);
    case 'number': {
      const found = /\d+/.exec(text.slice(here));
      if (found === null) return text;
      return text.slice(0, here + found.index) + other + text.slice(here + found.index + found[0].length);
    }
  }
}

function measuredWith(mutations: readonly Mutation[], uptimeS: number, previous: Measured | null): Measured {
  const texts = { ...parts, proc: procPart({ ...files, '/proc/uptime': `${uptimeS.toFixed(2)} 1.00\n` }) };
  const changed = Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, mutations.filter((one) => one.part === name).reduce(mutate, text)]),
  );
  return measure(roundOf(1, changed), { wallMs: 1_700_000_000_000, monoMs: uptimeS * 1000, roundMs: 5 }, previous);
}

/** Numbers that no host can have, and text that could reach the terminal raw, with the way to them. */
function offences(value: unknown, path: string): readonly string[] {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? [] : [`${path} is ${String(value)}`];
  if (typeof value === 'string') return /[\p{Cc}\p{Cf}]/u.test(value) ? [`${path} holds ${JSON.stringify(value)}`] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => offences(inner, `${path}.${key}`));
}

describe('a sample of damaged answers', () => {
  it('has no offence when nothing is damaged, and knows everything', () => {
    const before = measuredWith([], 1000, null);
    const sample = toSample(before, measuredWith([], 1010, before), spec);
    expect(offences(sample, 'sample')).toEqual([]);
    expect(sample.gaps).toEqual([]);
    expect(sample.services.map((one) => one.state)).toEqual(['running', 'running', 'running', 'running', 'missing', 'running']);
  });

  it('never throws, and never holds NaN, a negative number or a raw control character', () => {
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), fc.array(mutation, { maxLength: 4 }), (first, second) => {
        const before = measuredWith(first, 1000, null);
        const sample = toSample(before, measuredWith(second, 1010, before), spec);
        expect(offences(sample, 'sample')).toEqual([]);
        for (const percent of [
          sample.cpu?.usedPct,
          sample.memory?.usedPct,
          sample.io?.utilPct,
          ...(sample.disks ?? []).map((disk) => disk.usedPct),
        ]) {
          expect(percent ?? 0).toBeLessThanOrEqual(100);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('names the gap when a file everybody has is garbage', () => {
    const paths = ['/proc/uptime', '/proc/stat', '/proc/loadavg', '/proc/diskstats', '/proc/net/dev'];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.string({ minLength: 1, maxLength: 40 }), (path, garbage) => {
        fc.pre(!/\d/.test(garbage) && garbage.trim() !== '');
        const round = roundOf(1, { ...parts, proc: procPart({ ...files, [path]: garbage }) });
        const sample = toSample(null, measure(round, { wallMs: 1, monoMs: 1, roundMs: 1 }, null), spec);
        expect(sample.gaps.map((gap) => gap.why)).toContain(`${path} was not understood`);
      }),
    );
  });
});
