import { procFiles } from '../../probe/wire.ts';
import { parseShell } from '../programs/shell-syntax.ts';
import { parseSystemctl } from '../programs/systemctl.ts';
import type { Machine } from '../machine/machine.ts';
import { dfBlocks, dfInodes } from '../text/df.ts';
import { procMountstats } from '../text/mountstats.ts';
import { procNfsd } from '../text/nfsd.ts';
import { procDiskstats, procNetDev } from '../text/proc-io.ts';
import { procMeminfo, procPressure, procVmstat } from '../text/proc-memory.ts';
import { procLoadavg, procStat, procUptime } from '../text/proc-stat.ts';
import { listeningTcp, listeningUnix } from '../text/sockets.ts';
import { type ShowOptions, systemctlShow } from '../text/systemctl-show.ts';

/** The sum by which the console proves that a shell reads it (remote/kept-shell.ts). */
const shellProof = /^echo ([a-z]*)\$\(\((\d{1,4})\+(\d{1,4})\)\)([0-9a-f]*)$/;

/** A script longer than this is nobody's collector. */
const mostScriptBytes = 256 * 1024;

/**
 * The machine's side of docs/collector-wire.md. It runs nothing: of the script it reads the nonce and what is asked,
 * and it answers `h`, `f` and `s` as the script would.
 */
export class CollectorSession {
  readonly #machine: Machine;
  readonly #say: (text: string) => void;
  #script = '';
  #partial = '';
  #asked: Asked | null = null;
  #seq = 0;

  constructor(machine: Machine, say: (text: string) => void) {
    this.#machine = machine;
    this.#say = say;
  }

  /** Takes what came on standard input, in pieces of any size. */
  feed(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
    if (this.#partial.length > mostScriptBytes) this.#partial = '';
  }

  #line(line: string): void {
    if (this.#asked !== null) {
      if (line === 'f' || line === 's') this.#round(this.#asked, line === 's');
      return;
    }
    const sum = shellProof.exec(line);
    if (sum !== null) this.#say(`${sum[1] ?? ''}${Number(sum[2]) + Number(sum[3])}${sum[4] ?? ''}\n`);
    if (this.#script.length < mostScriptBytes && sum === null) this.#script += `${line}\n`;
    if (!/^h(\s|;|$)/.test(line)) return;
    this.#asked = readScript(this.#script);
    this.#script = '';
    if (this.#asked !== null) this.#hello(this.#asked);
  }

  #hello(asked: Asked): void {
    this.#say(frame(asked.nonce, 0, [['id', identity(this.#machine), 0]]));
  }

  #round(asked: Asked, slow: boolean): void {
    const machine = this.#machine;
    machine.advance();
    this.#seq += 1;
    const files = asked.files.map((path) => [path, procTexts[path]?.(machine) ?? null] as const);
    // `head` leaves 1 when a file is missing, as /proc/net/rpc/nfsd is on all but NFS servers.
    const parts: Part[] = [['proc', headed(files), files.some(([, text]) => text === null) ? 1 : 0]];
    if (asked.listen) {
      const rows = listeningTcp(machine) + listeningUnix(machine);
      parts.push(['listen', rows, rows === '' ? 1 : 0]);
    }
    if (asked.units !== null) parts.push(['units', systemctlShow(machine, asked.units, asked.show), 0]);
    if (slow)
      parts.push(['df', dfBlocks(machine), 0], ['dfi', dfInodes(machine), 0], ['dstate', `${Math.round(machine.now.blocked)}\n`, 0]);
    this.#say(frame(asked.nonce, this.#seq, parts));
  }
}

interface Asked {
  readonly nonce: string;
  /** Files of the `proc` part. */
  readonly files: readonly string[];
  /** Units of the `units` part, `null` when the script asks none. */
  readonly units: readonly string[] | null;
  readonly show: ShowOptions;
  readonly listen: boolean;
}

type Part = readonly [name: string, text: string, exit: number];

/** What the script would ask a real host: the words after its `head`, its `systemctl show` and its `grep` for listeners. */
function readScript(script: string): Asked | null {
  const nonce = /^N=([0-9a-f]{16})$/.exec(script.split('\n', 1)[0] ?? '')?.[1];
  if (nonce === undefined) return null;
  const files = /\bhead -n 99999 ([^<>;\n]+)/.exec(script)?.[1]?.trim().split(/\s+/) ?? procFiles;
  const show = /\bsystemctl show ([^\n]*?)(?:;|\n)/.exec(script)?.[1];
  const asked = parseSystemctl(['show', ...(parseShell(show ?? '')[0]?.commands[0]?.argv ?? [])]);
  return { nonce, files, units: show === undefined ? null : asked.names, show: asked, listen: /\bq_run listen\b/.test(script) };
}

function frame(nonce: string, seq: number, parts: readonly Part[]): string {
  const mark = (words: string): string => `\n#${nonce} ${words}\n`;
  return (
    mark(`begin ${seq}`) +
    parts.map(([name, text, exit]) => mark(`p ${name}`) + text + mark(`e ${name} ${exit}`)).join('') +
    mark(`end ${seq}`)
  );
}

function identity(machine: Machine): string {
  return [
    'kernel=Linux',
    'release=6.1.0-37-cloud-amd64',
    'machine=x86_64',
    'os=Debian GNU/Linux 12 (bookworm)',
    `hostname=${machine.name}`,
    `boot=${machine.bootId}`,
    'tick=100',
    'page=4096',
    'init=systemd',
    'timeout=yes',
    'uid=1000',
    '',
  ].join('\n');
}

/** Text of a file in /proc; `null` where the machine has no such file. */
const procTexts: Readonly<Record<string, (machine: Machine) => string | null>> = {
  '/proc/sys/kernel/random/boot_id': (machine) => `${machine.bootId}\n`,
  '/proc/uptime': procUptime,
  '/proc/stat': procStat,
  '/proc/loadavg': procLoadavg,
  '/proc/meminfo': procMeminfo,
  '/proc/vmstat': procVmstat,
  '/proc/diskstats': procDiskstats,
  '/proc/net/dev': procNetDev,
  '/proc/self/mountstats': procMountstats,
  '/proc/net/rpc/nfsd': (machine) => (machine.nfsServer === null ? null : procNfsd(machine.nfsServer)),
  '/proc/fs/nfsd/threads': (machine) => (machine.nfsServer === null ? null : `${machine.nfsServer.threads}\n`),
  '/proc/pressure/cpu': (machine) => procPressure(machine, 'cpu'),
  '/proc/pressure/io': (machine) => procPressure(machine, 'io'),
  '/proc/pressure/memory': (machine) => procPressure(machine, 'memory'),
};

/** As `head -n 99999` prints several files: a header each, an empty line between them. */
function headed(files: readonly (readonly [string, string | null])[]): string {
  return files.flatMap(([path, text]) => (text === null ? [] : [`==> ${path} <==\n${text}`])).join('\n');
}
