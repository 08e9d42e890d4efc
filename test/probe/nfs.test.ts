import { describe, expect, it } from 'vitest';
import { mountTypes, parseMountstats } from '../../src/probe/parse/mountstats.ts';
import { parseNfsd } from '../../src/probe/parse/nfsd.ts';
import { toSample } from '../../src/probe/sample.ts';
import type { NfsMountSample, NfsServerSample } from '../../src/fleet/sample.ts';
import { capture, measured, noServices } from './rounds.ts';

const mountstats = '/proc/self/mountstats';
const nfsdFile = '/proc/net/rpc/nfsd';

/** Figures of nfsiostat's own output: op/s, then op/s, kB/s, kB/op, retrans, RTT, exe, queue of read and write. */
function nfsiostat(name: string): { ops: number; read: readonly number[]; write: readonly number[] } {
  const text = capture(name);
  const numbers = (line: string): number[] =>
    line
      .replaceAll(/\([^)]*\)/g, '')
      .trim()
      .split(/\s+/)
      .map(Number);
  const lines = text.split('\n');
  const after = (word: string): number[] => numbers(lines[lines.findIndex((line) => line.startsWith(word)) + 1] ?? '');
  const first = lines.findIndex((line) => line.includes('rpc bklog'));
  return { ops: numbers(lines[first + 1] ?? '')[0] ?? Number.NaN, read: after('read:'), write: after('write:') };
}

function within1Percent(ours: number | null | undefined, theirs: number | undefined): void {
  expect(ours).not.toBeNull();
  expect(Math.abs((ours ?? Number.NaN) - (theirs ?? Number.NaN))).toBeLessThanOrEqual(Math.abs(theirs ?? 0) * 0.01);
}

/** The same mount with every counter at 0: nfsiostat's "since mount". */
function justMounted(text: string): string {
  return text
    .replace(/(xprt:\ttcp)( \d+)+/, '$1 0 0 2 0 0 0 0 0 0 0 31 0 0')
    .replace(/^(\s*[A-Z_]+): [\d ]+$/gm, '$1: 0 0 0 0 0 0 0 0 0')
    .replace(/age:\t\d+/, 'age:\t0');
}

function mountOf(before: string, after: string, seconds: number): NfsMountSample {
  const sample = toSample(measured(100, { [mountstats]: before }), measured(100 + seconds, { [mountstats]: after }), noServices);
  const [mount] = sample.nfsMounts ?? [];
  if (mount === undefined) throw new Error('no NFS mount in the sample');
  return mount;
}

describe('NFS mounts', () => {
  it("match nfsiostat's figures since the mount within 1 %", () => {
    const after = capture('mountstats.after.txt');
    const theirs = nfsiostat('nfsiostat.since-mount.after.txt');
    // nfsiostat ran when the mount was 92 s old: 11678 sends at its 126.935 op/s.
    const ours = mountOf(justMounted(after), after, 92);
    within1Percent(ours.iops, theirs.ops);
    within1Percent(ours.readOps, theirs.read[0]);
    within1Percent(ours.writeOps, theirs.write[0]);
    within1Percent((ours.readBytes ?? 0) / 1024, theirs.read[1]);
    within1Percent((ours.writeBytes ?? 0) / 1024, theirs.write[1]);
    const op = (name: string): NfsMountSample['ops'][number] | undefined => ours.ops.find((one) => one.op === name);
    within1Percent(op('READ')?.rttMs, theirs.read[4]);
    within1Percent(op('READ')?.exeMs, theirs.read[5]);
    within1Percent(op('READ')?.queueMs, theirs.read[6]);
    within1Percent(op('WRITE')?.rttMs, theirs.write[4]);
    within1Percent(op('WRITE')?.exeMs, theirs.write[5]);
    within1Percent(op('WRITE')?.queueMs, theirs.write[6]);
  });

  it('match what nfsiostat says of before and after a known load, taken apart, within 1 %', () => {
    const [before, after] = [nfsiostat('nfsiostat.since-mount.before.txt'), nfsiostat('nfsiostat.since-mount.after.txt')];
    const clock = (name: string): number => Number(capture(name).split('\n')[1]?.split(' ')[0]);
    const seconds = clock('clock.after.txt') - clock('clock.before.txt');
    const ours = mountOf(capture('mountstats.before.txt'), capture('mountstats.after.txt'), seconds);
    const between = (of: (figures: typeof after) => number | undefined): number =>
      ((of(after) ?? 0) * 92 - (of(before) ?? 0) * 49) / seconds;
    within1Percent(
      ours.iops,
      between((figures) => figures.ops),
    );
    within1Percent(
      ours.readOps,
      between((figures) => figures.read[0]),
    );
    within1Percent(
      ours.writeOps,
      between((figures) => figures.write[0]),
    );
    within1Percent(
      (ours.readBytes ?? 0) / 1024,
      between((figures) => figures.read[1]),
    );
    within1Percent(
      (ours.writeBytes ?? 0) / 1024,
      between((figures) => figures.write[1]),
    );
    const ops = (ours.readOps ?? 0) + (ours.writeOps ?? 0) + (ours.metaOps ?? 0);
    within1Percent(ops, ours.iops ?? undefined);
    expect(ours).toMatchObject({ mount: '/mnt/data', server: '127.0.0.1:/data', version: '4.2', state: 'ok', timeouts: 0, outstanding: 0 });
  });

  it('weigh round-trip and execution time by operations', () => {
    const ours = mountOf(capture('mountstats.before.txt'), capture('mountstats.after.txt'), 39.09);
    const weighted =
      ours.ops.reduce((total, op) => total + (op.rttMs ?? 0) * (op.perS ?? 0), 0) /
      ours.ops.reduce((total, op) => total + (op.perS ?? 0), 0);
    expect(ours.rttMs).toBeCloseTo(weighted, 6);
  });

  it('are hung when a frozen server leaves requests out over the whole interval', () => {
    const frozen = capture('nfs-server-frozen.client-view.txt');
    const text = frozen.slice(frozen.indexOf('\ndevice ') + 1, frozen.indexOf('\n## timeout'));
    expect(mountOf(text, text, 2)).toMatchObject({ state: 'hung', outstanding: 1, iops: 0, rttMs: null, exeMs: null });
  });

  describe('whose server cannot be connected to', () => {
    const idle = capture('mountstats.before.txt');
    const xprt = /\txprt:\ttcp (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)/;
    /** The same mount with other counts of connects, sends and receives. */
    const after = (connects: number, more = 0): string =>
      idle.replace(xprt, (_all, port, bind, _connects, time, idleS, sends, receives) =>
        ['\txprt:\ttcp', port, bind, connects, time, idleS, Number(sends) + more, Number(receives) + more].join(' '),
      );
    const waiting = (threads: number) => ({ dstate: `${threads}\n` });
    /** States of the mount in rounds that follow each other, 5 s apart or as given: connects, threads in state D, calls answered. */
    function states(rounds: readonly { connects: number; threads?: number; more?: number; atS?: number }[]): string[] {
      let before = measured(100, { [mountstats]: after(2) }, waiting(0));
      return rounds.map(({ connects, threads, more, atS }, index) => {
        const now = measured(atS ?? 105 + 5 * index, { [mountstats]: after(connects, more) }, waiting(threads ?? 3), before);
        const [mount] = toSample(before, now, noServices).nfsMounts ?? [];
        before = now;
        return `${mount?.state} ${mount?.outstanding}`;
      });
    }

    it('are hung while something waits, though no request could be sent, also between two tries', () => {
      expect(states([{ connects: 2 }, { connects: 90 }, { connects: 90 }, { connects: 90 }])).toEqual([
        'idle 0',
        'idle 0',
        'hung 0',
        'hung 0',
      ]);
    });

    it('are idle when nobody waits for them, when an answer came, and when nobody has tried for longer than the kernel pauses', () => {
      expect(states([{ connects: 90 }, { connects: 90, threads: 0 }])).toEqual(['idle 0', 'idle 0']);
      expect(states([{ connects: 90 }, { connects: 91, more: 4 }, { connects: 91, more: 4 }])).toEqual(['idle 0', 'idle 0', 'idle 0']);
      expect(states([{ connects: 90 }, { connects: 90 }, { connects: 90, atS: 500 }])).toEqual(['idle 0', 'hung 0', 'idle 0']);
    });
  });

  it('are hung though waiting processes are killed, which counts as operations without an answer', () => {
    const frozen = capture('nfs-server-frozen.client-view.txt');
    const text = frozen.slice(frozen.indexOf('\ndevice ') + 1, frozen.indexOf('\n## timeout'));
    expect(mountOf(text, text.replace('GETATTR: 1 1 0 168 240 0 0 6 0', 'GETATTR: 2 2 0 336 240 0 0 5006 1'), 2).state).toBe('hung');
  });

  it('are refused when the server answers every question for attributes with an error, not when a file is missing', () => {
    const before = capture('mountstats.before.txt').replace('48 22 22 0', '0 22 22 0');
    const answered = before.replace('0 22 22 0', '0 32 32 0');
    const line = /GETATTR: 1 1 0 \d+ \d+ \d+ \d+ \d+ 0/;
    const getattr = (operations: number, errors: number): string =>
      answered.replace(line, `GETATTR: ${operations} ${operations} 0 900 900 0 9 90 ${errors}`);
    expect(before).toMatch(line);
    expect(mountOf(before, getattr(11, 10), 2).state).toBe('refused');
    expect(mountOf(before, getattr(11, 9), 2).state).toBe('ok');
    const missing = answered.replace(/LOOKUP: 0 0 0 0 0 0 0 0 0/, 'LOOKUP: 10 10 0 900 900 0 9 90 10');
    expect(mountOf(before, missing, 2).state).toBe('ok');
    // Kernels before 5.3 count no errors.
    const old = (text: string): string => text.replace(/^(\s*[A-Z_]+:(?: \d+){8}) \d+\s*$/gm, '$1');
    expect(mountOf(old(before), old(getattr(11, 10)), 2).state).toBe('ok');
  });

  it('are not hung when a single reading catches a request on an idle mount', () => {
    const idle = capture('mountstats.before.txt');
    const caught = idle.replace('48 22 22 0', '0 23 22 0');
    expect(mountOf(idle, caught, 2).state).toBe('ok');
    expect(mountOf(idle, idle, 2)).toMatchObject({ state: 'idle', iops: 0, outstanding: 0 });
  });

  it('are idle again after a reconnect that sent requests twice', () => {
    const text = capture('mountstats.before.txt').replace('48 22 22 0', '48 27 22 0').replace('GETATTR: 1 1 0 168', 'GETATTR: 1 6 5 168');
    expect(mountOf(text, text, 2)).toMatchObject({ state: 'idle', outstanding: 0 });
  });

  it('of one server count their own operations and are not hung while the shared transport answers', () => {
    const one = capture('mountstats.before.txt').replace('48 22 22 0', '0 25 24 0');
    const block = one.slice(one.indexOf('device 127.0.0.1'), one.indexOf('device tmpfs mounted on /run/user'));
    const two = (text: string): string =>
      text +
      block
        .replace('/mnt/data', '/mnt/more')
        .replace(
          '0 25 24 0',
          /0 (\d+ \d+) 0 22/.exec(text)?.[1] === undefined ? '0 25 24 0' : `0 ${/0 (\d+ \d+) 0 22/.exec(text)?.[1] ?? ''} 0`,
        );
    const before = two(one);
    const after = two(one.replace('0 25 24 0', '0 125 124 0').replace('GETATTR: 1 1 0', 'GETATTR: 101 101 0'));
    const sample = toSample(measured(100, { [mountstats]: before }), measured(110, { [mountstats]: after }), noServices);
    expect(sample.nfsMounts?.map((mount) => [mount.mount, mount.iops, mount.state])).toEqual([
      ['/mnt/data', 10, 'ok'],
      ['/mnt/more', 0, 'ok'],
    ]);
  });

  it('have no rates when the mount was made anew or a counter went back', () => {
    const after = capture('mountstats.after.txt');
    for (const later of [after.replace('age:\t86', 'age:\t3'), after.replace('READ: 7357 7357', 'READ: 7 7')]) {
      expect(mountOf(after, later, 5)).toMatchObject({ state: 'unknown', iops: null, readOps: null, rttMs: null, ops: [] });
    }
  });

  it('are read over every kind of transport, and several of them', () => {
    const with_ = (lines: string): string => capture('mountstats.before.txt').replace(/\txprt:.*\n/, lines);
    const xprt = (lines: string): unknown => parseMountstats(with_(lines))?.[0]?.xprt;
    expect(xprt('\txprt:\tudp 700 1 9 8 0 5 6\n')).toMatchObject({ sends: 9, receives: 8 });
    expect(xprt('\txprt:\trdma 0 0 1 0 3 9 8 0 5 6 1 2 3\n')).toMatchObject({ sends: 9, receives: 8 });
    expect(xprt('\txprt:\tlocal 1 1 0 3 9 8 0 5 6 1 2 3\n')).toMatchObject({ sends: 9, receives: 8 });
    expect(xprt('\txprt:\ttcp 0 0 1 0 3 9 8 0 5 6 1 2 3\n\txprt:\ttcp 0 0 1 0 3 90 80 0 5 6 1 2 3\n')).toMatchObject({
      sends: 99,
      receives: 88,
    });
  });

  it('keep names with spaces and the types of all other mounts', () => {
    const text =
      'device srv:/a\\040b mounted on /mnt/c\\040d with fstype nfs statvers=1.0\n\topts:\trw,vers=3\n\ndevice /dev/vda mounted on / with fstype ext4\n';
    expect(parseMountstats(text)).toEqual([{ server: 'srv:/a b', mount: '/mnt/c d', version: '3', ageS: null, xprt: null, ops: null }]);
    expect(mountTypes(text).get('/')).toBe('ext4');
  });
});

describe('mountstats that is none', () => {
  it('is not taken for a host without NFS', () => {
    expect(parseMountstats('garbage\n')).toBeNull();
    expect(parseMountstats(capture('proc-mounts.nfs1.txt'))).toBeNull();
  });
});

describe('the NFS server', () => {
  function serverOf(before: string, after: string, seconds: number): NfsServerSample | null {
    return toSample(measured(100, { [nfsdFile]: before }), measured(100 + seconds, { [nfsdFile]: after }), noServices).nfsServer;
  }

  it('counts the calls and the reads and writes of version 4 operations that nfsstat counts', () => {
    const server = serverOf(capture('nfsd.before.txt'), capture('nfsd.after.txt'), 39.09);
    within1Percent(server?.iops, (11678 - 22) / 39.09);
    within1Percent(server?.readOps, 7357 / 39.09);
    within1Percent(server?.writeOps, 4234 / 39.09);
    within1Percent(server?.readBytes, 120537088 / 39.09);
    within1Percent(server?.writeBytes, 121110528 / 39.09);
    expect(server).toMatchObject({ threads: 8, badCalls: 0 });
  });

  it('sees the same load as its client over the same time', () => {
    const server = serverOf(capture('nfsd.before.txt'), capture('nfsd.after.txt'), 39.09);
    const client = mountOf(capture('mountstats.before.txt'), capture('mountstats.after.txt'), 39.09);
    within1Percent(server?.iops, client.iops ?? undefined);
    within1Percent(server?.readOps, client.readOps ?? undefined);
  });

  it('counts reads and writes of version 3', () => {
    const text = 'rpc 100 3 1 1 1\nio 5 6\nth 16 0 0.000\nproc3 22 1 2 3 4 5 6 70 80 9 10 11 12 13 14 15 16 17 18 19 20 21 22\n';
    expect(parseNfsd(text)).toEqual({ calls: 100, badCalls: 3, reads: 70, writes: 80, readBytes: 5, writeBytes: 6, threads: 16 });
  });

  it('does not believe a line whose length is not what its first number says', () => {
    expect(parseNfsd('rpc 100 0 0 0 0\nproc3 22 1 2 3\n')).toBeNull();
  });

  it('is null on a host that serves nothing', () => {
    expect(toSample(null, measured(100), noServices).nfsServer).toBeNull();
  });
});
