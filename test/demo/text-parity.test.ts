import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFleet } from '../../src/demo/demo-fleet.ts';
import type { Machine } from '../../src/demo/machine/machine.ts';
import { procMountstats } from '../../src/demo/text/mountstats.ts';
import { procNfsd } from '../../src/demo/text/nfsd.ts';
import { procMeminfo, procPressure } from '../../src/demo/text/proc-memory.ts';
import { procLoadavg, procStat } from '../../src/demo/text/proc-stat.ts';
import { systemctlShow } from '../../src/demo/text/systemctl-show.ts';
import { HandClock } from './demo-client.ts';

const fleet = makeFleet(4, 1, new HandClock());

function machine(name: string): Machine {
  const found = fleet.find(name);
  if (found === null) throw new Error(`no ${name}`);
  return found;
}

function captured(name: string): string {
  return readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8');
}

function keys(text: string): string[] {
  return text.split('\n').flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? []);
}

/** Digits as 0 and runs of them as one, so that only the shape is left. */
function shape(text: string): string {
  return text.replaceAll(/\d+/g, '0');
}

describe('the text of a simulated machine has the shape of a captured one:', () => {
  // What these units set beyond ours: files of their own packages, and the capture's dependency on a test target.
  const onlyThere: Readonly<Record<string, readonly string[]>> = {
    'nginx.service': [],
    'uwsgi.service': [],
    'nfs-server.service': ['RequiredBy', 'BoundBy', 'DropInPaths', 'ExecStopPost', 'ExecStopPostEx'],
    'ssh.service': [
      'RestartPreventExitStatus',
      'EnvironmentFiles',
      'RuntimeDirectory',
      'RequiresMountsFor',
      'CanClean',
      'ExecReload',
      'ExecReloadEx',
    ],
  };
  it.each([
    ['nginx.service', 'web1', 'systemctl-show.nginx.full.txt'],
    ['uwsgi.service', 'web1', 'systemctl-show.uwsgi.full.txt'],
    ['nfs-server.service', 'nfs1', 'systemctl-show.nfs-server.full.txt'],
    ['ssh.service', 'web1', 'systemctl-show.ssh.full.txt'],
  ])('systemctl show %s prints the same properties in the same order', (id, host, fixture) => {
    const text = systemctlShow(machine(host), [id], { properties: null, times: 'pretty' });
    expect(keys(text)).toEqual(keys(captured(fixture)).filter((key) => !onlyThere[id]?.includes(key)));
  });

  it('systemctl show -p orders and separates several units as captured', () => {
    const capture = captured('systemctl-show.web.selected.txt');
    const blocks = capture.trimEnd().split('\n\n');
    const properties = keys(blocks[0] ?? '');
    const text = systemctlShow(machine('web1'), ['nginx', 'pencils', 'pencilsock', 'uwsgi'], { properties, times: 'pretty' });
    expect(text.trimEnd().split('\n\n').map(keys)).toEqual(blocks.map(keys));
    expect(text).toMatch(/^ActiveEnterTimestamp=[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/m);
  });

  it('/proc/net/rpc/nfsd', () => {
    const daemon = machine('nfs1').nfsServer;
    const rows = (text: string): string[] => text.trimEnd().split('\n').map(shape);
    expect(rows(daemon === null ? '' : procNfsd(daemon))).toEqual(rows(captured('nfsd.after.txt')));
  });

  it('/proc/self/mountstats, but for what NFS 4 adds', () => {
    const lines = (text: string): string[] =>
      text
        .slice(text.indexOf('\topts:'))
        .split('\n')
        .map((line) =>
          shape(
            line
              .trimStart()
              .replace(/(opts|caps):\t.*/, '$1')
              .replace(/^ *\w+: (?=\d+ \d+ \d+ \d+ \d+ \d+ \d+ \d+ \d+$)/, 'OP: '),
          ),
        );
    const ours = lines(procMountstats(machine('web1')));
    const theirs = lines(captured('mountstats.after.txt')).filter((line) => !/^(impl_id|nfsv0):/.test(line));
    expect(ours.slice(0, 9)).toEqual(theirs.slice(0, 9));
    expect(new Set(ours.slice(9, -2))).toEqual(new Set(['OP: 0 0 0 0 0 0 0 0 0']));
    expect(ours.slice(-2)).toEqual(['', '']);
    expect(procMountstats(machine('web1'))).toMatch(/^\t {8}NULL: 1 1 0 44 24 /m);
  });

  it('/proc/stat, loadavg, meminfo and pressure', () => {
    const capture = captured('host-basics.web1.txt');
    const has = (text: string): void => expect(shape(capture)).toContain(shape(text));
    const web = machine('web1');
    for (const start of ['cpu ', 'cpu0', 'ctxt'])
      has(
        procStat(web)
          .split('\n')
          .find((line) => line.startsWith(start)) ?? '?',
      );
    has(procLoadavg(web));
    has(procPressure(web, 'io'));
    const widths = (text: string): (string | undefined)[] =>
      text
        .split('\n')
        .slice(0, 6)
        .map((line) => line.replaceAll(/ +\d+/g, (digits) => '#'.repeat(digits.length)));
    expect(widths(procMeminfo(web))).toEqual(widths(capture.slice(capture.indexOf('MemTotal'))));
  });
});
