import { describe, expect, it } from 'vitest';
import type { Sample } from '../../src/fleet/sample.ts';
import type { Measured } from '../../src/probe/measured.ts';
import { measure } from '../../src/probe/measured.ts';
import { toSample } from '../../src/probe/sample.ts';
import { capture, hostFiles, measured, noServices, procPart, roundOf } from './rounds.ts';

const stat = '/proc/stat';
const diskstats = '/proc/diskstats';
const netDev = '/proc/net/dev';
const later = {
  [stat]: 'cpu  150 0 130 1100 20 5 5 10 0 0\ncpu0 150 0 130 1100 20 5 5 10 0 0\nbtime 1700000000\n',
  '/proc/vmstat': 'pswpin 30\npswpout 60\noom_kill 3\n',
  [diskstats]:
    ' 254 0 vda 300 0 1600 150 110 0 280 105 0 540 255\n 254 1 vda1 300 0 1600 150 110 0 280 105 0 540 255\n 7 0 loop0 9 0 9 9 9 9 9 9 9 9 9\n',
  [netDev]:
    'Inter-|\n face |bytes\n lo: 99 0 0 0 0 0 0 0 99 0 0 0 0 0 0 0\n  eth0:21000 1 4 0 0 0 0 0 10500 1 3 0 0 0 0 0\n docker0: 7 0 0 0 0 0 0 0 7 0 0 0 0 0 0 0\n',
};

function sampleOf(before: Measured | null, after: Measured): Sample {
  return toSample(before, after, noServices);
}

/** Every number of a sample that is a rate over the interval. */
function rates(sample: Sample): readonly (number | null | undefined)[] {
  return [
    sample.cpu?.usedPct,
    sample.cpu?.iowaitPct,
    sample.cpu?.stealPct,
    sample.memory?.swapInPerS,
    sample.memory?.swapOutPerS,
    sample.io?.iops,
    sample.io?.utilPct,
    sample.net?.rxBytes,
    sample.net?.txBytes,
    sample.net?.errors,
    sample.oomKills,
  ];
}

describe('a sample', () => {
  it('holds the rates between two rounds', () => {
    const sample = sampleOf(measured(100), measured(110, later));
    // Of 210 ticks 90 were work, 10 waited for I/O, 10 were stolen, 100 idle.
    expect(sample.cpu?.usedPct).toBeCloseTo((100 * 90) / 210, 6);
    expect(sample.cpu?.iowaitPct).toBeCloseTo((100 * 10) / 210, 6);
    expect(sample.cpu?.stealPct).toBeCloseTo((100 * 10) / 210, 6);
    expect(sample.cpu).toMatchObject({ cores: 1, load1: 0.1, load15: 0.3 });
    expect(sample.memory).toEqual({
      totalBytes: 1_024_000,
      availableBytes: 409_600,
      usedPct: 60,
      swapTotalBytes: 204_800,
      swapUsedPct: 25,
      swapInPerS: 2,
      swapOutPerS: 4,
    });
    expect(sample.io).toEqual({
      iops: 30,
      utilPct: 5,
      devices: [{ name: 'vda', iops: 30, readBytes: 40_960, writeBytes: 10_240, utilPct: 5, awaitMs: 200 / 300 }],
    });
    expect(sample.net).toEqual({ rxBytes: 2000, txBytes: 1000, errors: 0.4 });
    expect(sample.oomKills).toBe(2);
    expect(sample.nfsMounts).toEqual([]);
    expect(sample.gaps).toEqual([]);
  });

  it('has no rates in the first round, but all that needs none', () => {
    const sample = sampleOf(null, measured(100));
    expect(rates(sample).every((value) => value === null)).toBe(true);
    expect(sample.memory?.usedPct).toBe(60);
    expect(sample.cpu?.load1).toBe(0.1);
  });

  it('takes the interval from the host, so that an answer that came late makes no spike', () => {
    const prompt = sampleOf(measured(100), measured(110, later));
    const late = { ...measured(110, later), receivedAt: { wallMs: 0, monoMs: 100_001, roundMs: 9000 } };
    expect(rates(sampleOf(measured(100), late))).toEqual(rates(prompt));
  });

  it('falls back to this console for the interval when the host tells no uptime', () => {
    const blind = (uptimeS: number, files: Record<string, string>): Measured => ({ ...measured(uptimeS, files), uptimeS: null });
    expect(sampleOf(blind(100, {}), blind(110, later)).net?.rxBytes).toBe(2000);
  });

  const nothing: readonly (readonly [string, Measured, Measured])[] = [
    [
      'after a reboot',
      measured(100),
      measured(110, { ...later, '/proc/sys/kernel/random/boot_id': '99999999-2222-3333-4444-555555555555\n' }),
    ],
    ['when uptime went back', measured(100), measured(20, later)],
    ['over no time at all', measured(100), measured(100, later)],
    ['over a hundredth of a second', measured(100), measured(100.01, later)],
    ['over an hour', measured(100), measured(3700, later)],
  ];
  for (const [when, before, after] of nothing) {
    it(`has no rates ${when}`, () => {
      expect(rates(sampleOf(before, after)).map((value) => value ?? null)).toEqual(rates(sampleOf(null, after)).map(() => null));
    });
  }

  it('has no rate, and no other one lost, for each counter that went back', () => {
    const sample = sampleOf(measured(100, later), measured(110, { '/proc/vmstat': 'pswpin 31\npswpout 1\noom_kill 3\n' }));
    expect(sample.memory).toMatchObject({ swapInPerS: 0.1, swapOutPerS: null });
    expect(sample.io).toMatchObject({ iops: null, utilPct: null });
    expect(sample.net).toEqual({ rxBytes: null, txBytes: null, errors: null });
    expect(sample.cpu?.usedPct).toBeNull();
  });

  it('forgives idle and I/O wait that go back a little, as proc(5) warns', () => {
    const sample = sampleOf(measured(100), measured(110, { [stat]: 'cpu  150 0 150 1100 9 0 0 0 0 0\n' }));
    expect(sample.cpu).toMatchObject({ usedPct: 50, iowaitPct: 0 });
  });

  it('keeps the disks of the last slow round with their time, and forgets them after a reboot', () => {
    const df = 'Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda 1992552 553564 1422604 29% /\n';
    const dfi = 'Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/vda 131072 32768 98304 25% /\n';
    const slow = measured(100, {}, { df, dfi, dstate: '2\n' });
    const fast = measured(110, {}, {}, slow);
    const sample = sampleOf(slow, fast);
    expect(sample.disks).toEqual([
      {
        mount: '/',
        device: '/dev/vda',
        fstype: 'ext4',
        sizeBytes: 1992552 * 1024,
        usedPct: (100 * 553564) / (553564 + 1422604),
        availableBytes: 1422604 * 1024,
        inodesUsedPct: 25,
      },
    ]);
    expect(sample.disksAt).toBe(slow.receivedAt.wallMs);
    expect(sample.dState).toBe(2);
    const booted = measured(5, { '/proc/sys/kernel/random/boot_id': '99999999-2222-3333-4444-555555555555\n' }, {}, fast);
    expect(sampleOf(fast, booted)).toMatchObject({ disks: null, disksAt: null, dState: null });
  });

  it('says that df hung, and shows no disks of an older time as if they were known', () => {
    const slow = measured(100, {}, { df: ['', 124], dfi: ['', 124], dstate: '40\n' });
    const sample = sampleOf(null, slow);
    expect(sample.disks).toBeNull();
    expect(sample.dState).toBe(40);
    expect(sample.gaps.map((gap) => gap.part)).toEqual(['df', 'dfi']);
  });

  it('names every file that is missing or not understood, and nulls only what came from it', () => {
    const files = hostFiles(100, { '/proc/uptime': 'soon\n', [stat]: 'cpu x y z\n' });
    delete files['/proc/meminfo'];
    const sample = sampleOf(null, measure(roundOf(1, { proc: [procPart(files), 1] }), { wallMs: 1, monoMs: 1, roundMs: 1 }, null));
    expect(sample).toMatchObject({ uptimeS: null, memory: null, cpu: { load1: 0.1, usedPct: null, cores: null } });
    expect(sample.gaps).toEqual([
      { part: 'uptime', why: '/proc/uptime was not understood' },
      { part: 'cpu', why: '/proc/stat was not understood' },
      { part: 'memory', why: '/proc/meminfo is missing' },
    ]);
  });

  it('takes the operating system from the hello, and says when it is none that can be measured', () => {
    const hello = measure(roundOf(0, { id: 'kernel=FreeBSD\nos=FreeBSD \x1b[2J14\n' }), { wallMs: 1, monoMs: 1, roundMs: 1 }, null);
    expect(hello.gaps).toEqual([]);
    const sample = sampleOf(hello, measured(100, {}, {}, hello));
    expect(sample.os).not.toContain('\x1b');
    expect(sample.gaps).toEqual([{ part: 'host', why: 'it runs FreeBSD, and only Linux can be measured' }]);
  });

  it('reads the load, memory, processor and pressure of a real host', () => {
    const lines = capture('host-basics.web1.txt').split('\n');
    const psi = lines.filter((line) => line.startsWith('some'));
    const files = {
      '/proc/loadavg': `${lines[0] ?? ''}\n`,
      '/proc/meminfo': `${lines.slice(1, 9).join('\n')}\n`,
      [stat]: `${lines.slice(9, 13).join('\n')}\n`,
      '/proc/pressure/cpu': `${psi[0] ?? ''}\n`,
      '/proc/pressure/io': `${psi[1] ?? ''}\n`,
      '/proc/pressure/memory': `${psi[2] ?? ''}\n`,
    };
    const df = `${lines.slice(lines.findIndex((line) => line.startsWith('Filesystem'))).join('\n')}\n`;
    const sample = sampleOf(null, measured(100, files, { df }));
    expect(sample.cpu).toMatchObject({ load1: 2.11, load5: 1.31, load15: 0.53, cores: 1 });
    expect(sample.memory?.totalBytes).toBe(351236 * 1024);
    expect(sample.memory?.usedPct).toBeCloseTo(100 * (1 - 271816 / 351236), 6);
    expect(sample.psi).toEqual({ cpu: 63.52, io: 0, memory: 0.1 });
    expect(sample.disks?.find((disk) => disk.mount === '/')?.usedPct).toBeCloseTo(28.01, 1);
  });

  it('estimates available memory on kernels before 3.14', () => {
    const old = 'MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 300 kB\nShmem: 50 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n';
    expect(sampleOf(null, measured(100, { '/proc/meminfo': old })).memory).toMatchObject({
      usedPct: 60,
      swapTotalBytes: 0,
      swapUsedPct: null,
    });
  });

  it('counts partitions only where their disk is not shown, and stacked devices never in the total', () => {
    const row = (name: string, reads: number): string => ` 1 1 ${name} ${String(reads)} 0 0 0 0 0 0 0 0 0 0\n`;
    const names = ['sda', 'sda1', 'nvme0n1', 'nvme0n1p1', 'dm-0', 'md127', 'xvdb1', 'loop0', 'sr0', 'zram0', 'mmcblk0boot0'];
    const rows = (reads: number): Record<string, string> => ({ [diskstats]: names.map((name) => row(name, reads)).join('') });
    const sample = sampleOf(measured(100, rows(10)), measured(110, rows(20)));
    expect(sample.io?.devices.map((device) => device.name)).toEqual(['sda', 'nvme0n1', 'dm-0', 'md127', 'xvdb1']);
    expect(sample.io?.iops).toBe(3);
  });
});
