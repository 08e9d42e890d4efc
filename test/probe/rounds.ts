import { readFileSync } from 'node:fs';
import type { ServiceManager, ServiceSpec } from '../../src/fleet/definition.ts';
import type { Measured } from '../../src/probe/measured.ts';
import { measure } from '../../src/probe/measured.ts';
import type { Round } from '../../src/probe/wire.ts';

/** Text of a capture from a real host. */
export function capture(name: string): string {
  return readFileSync(new URL(`captures/${name}`, import.meta.url), 'utf8');
}

/** The `proc` part as `head` prints it. */
export function procPart(files: Readonly<Record<string, string>>): string {
  return Object.entries(files)
    .map(([path, text]) => `==> ${path} <==\n${text}`)
    .join('\n');
}

export function roundOf(seq: number, parts: Readonly<Record<string, string | readonly [string, number]>>): Round {
  return {
    seq,
    parts: new Map(
      Object.entries(parts).map(([name, part]) => [
        name,
        typeof part === 'string' ? { text: part, exit: 0 } : { text: part[0], exit: part[1] },
      ]),
    ),
  };
}

/** Files of an idle host that has everything, to be overridden one by one. */
export function hostFiles(uptimeS: number, overrides: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    '/proc/sys/kernel/random/boot_id': '11111111-2222-3333-4444-555555555555\n',
    '/proc/uptime': `${uptimeS.toFixed(2)} 100.00\n`,
    '/proc/stat': 'cpu  100 0 100 1000 10 0 0 0 0 0\ncpu0 100 0 100 1000 10 0 0 0 0 0\nctxt 5\nbtime 1700000000\n',
    '/proc/loadavg': '0.10 0.20 0.30 1/67 305\n',
    '/proc/meminfo': 'MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 400 kB\nSwapTotal: 200 kB\nSwapFree: 150 kB\n',
    '/proc/vmstat': 'nr_free_pages 5\npswpin 10\npswpout 20\noom_kill 1\n',
    '/proc/diskstats': ' 254 0 vda 100 0 800 50 10 0 80 5 0 40 55\n',
    '/proc/net/dev':
      'Inter-|   Receive\n face |bytes\n    lo: 9 0 0 0 0 0 0 0 9 0 0 0 0 0 0 0\n  eth0: 1000 1 2 0 0 0 0 0 500 1 1 0 0 0 0 0\n',
    '/proc/self/mountstats': 'device /dev/vda mounted on / with fstype ext4\n',
    ...overrides,
  };
}

export function measured(
  uptimeS: number,
  overrides: Readonly<Record<string, string>> = {},
  parts: Readonly<Record<string, string | readonly [string, number]>> = {},
  previous: Measured | null = null,
): Measured {
  const round = roundOf(1, { proc: procPart(hostFiles(uptimeS, overrides)), ...parts });
  return measure(round, { wallMs: 1_700_000_000_000 + uptimeS * 1000, monoMs: uptimeS * 1000, roundMs: 5 }, previous);
}

export function service(manager: ServiceManager, unit: string, more: Partial<ServiceSpec> = {}): ServiceSpec {
  return {
    name: unit,
    on: ['web'],
    manager,
    unit,
    project: null,
    port: null,
    socket: null,
    precheck: null,
    verify: [],
    key: null,
    stateful: false,
    holdMs: 0,
    ...more,
  };
}

export const noServices = { services: [], sudo: { kind: 'no' } } as const;
