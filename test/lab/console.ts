import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Ran, runCommand } from './run-command.ts';

const program = fileURLToPath(new URL('../../bin/quarterdeck', import.meta.url));

/** The parts of `status --json` that the lab tests read; the whole is in the command line's contract. */
export interface Status {
  readonly hosts: readonly HostStatus[];
  readonly alerts: readonly AlertStatus[];
}

interface AlertStatus {
  readonly id: string;
  readonly host: string | null;
  readonly severity: string;
  readonly what: string;
  /** Id of the alert that explains it. */
  readonly cause: string | null;
  readonly playbooks: readonly string[];
}

/** Operations and bytes a second. */
export interface NfsRates {
  readonly iops: number | null;
  readonly readOps: number | null;
  readonly writeOps: number | null;
  readonly readBytes: number | null;
  readonly writeBytes: number | null;
}

export interface HostStatus {
  readonly name: string;
  readonly reach: string;
  readonly health: string;
  readonly reasons: readonly string[];
  readonly ageMs: number | null;
  readonly nfs: {
    readonly mounts: readonly (NfsRates & { readonly mount: string; readonly state: string })[];
    readonly server: NfsRates | null;
  };
  readonly services: readonly ServiceStatus[];
  readonly checks: readonly { readonly name: string; readonly ok: boolean | null; readonly detail: string | null }[];
}

interface ServiceStatus {
  readonly name: string;
  readonly state: string;
  readonly sub: string | null;
  readonly pid: number | null;
  readonly health: string;
  readonly reasons: readonly string[];
}

interface JournalLine {
  readonly kind: string;
  readonly actionId: string | null;
  readonly targets: readonly string[];
  readonly command: string | null;
  readonly outcome: string | null;
}

/** The product on one fleet file, with a state directory of its own: what a script or an operator would call. */
export class Console {
  readonly stateDir = mkdtempSync(join(tmpdir(), 'quarterdeck-state-'));
  readonly #fleetFile: string;

  constructor(fleetFile: string) {
    this.#fleetFile = fleetFile;
  }

  /** The arguments that every call begins with, for a caller who starts the program itself. */
  get commandLine(): readonly [string, ...string[]] {
    return [program, '--fleet', this.#fleetFile, '--state-dir', this.stateDir];
  }

  /** Two minutes are a restart's own deadline on the host; with its proof it ends in less than three. */
  call(...args: readonly string[]): Promise<Ran> {
    const [file, ...rest] = this.commandLine;
    return runCommand(file, [...rest, ...args], 180_000);
  }

  async status(): Promise<{ code: number | null; status: Status }> {
    const ran = await this.call('status', '--json');
    if (ran.stdout === '') throw new Error(`status said nothing: ${ran.stderr}`);
    const status: Status = JSON.parse(ran.stdout);
    return { code: ran.code, status };
  }

  restart(target: string, confirm: string): Promise<Ran> {
    return this.call('act', 'restart', target, '--confirm', confirm, '--reason', 'the next case of this test');
  }

  async journal(): Promise<JournalLine[]> {
    const ran = await this.call('journal', 'tail', '--json');
    if (ran.code !== 0) throw new Error(ran.stderr);
    return ran.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line): JournalLine => JSON.parse(line));
  }

  close(): void {
    rmSync(this.stateDir, { recursive: true, force: true });
  }
}

/** A host's status by name; throws when it is missing. */
export function hostIn(status: Status, name: string): HostStatus {
  const host = status.hosts.find((candidate) => candidate.name === name);
  if (host === undefined) throw new Error(`status has no host ${name}`);
  return host;
}

/** A service's status as `HOST/SERVICE`; throws when it is missing. */
export function serviceIn(status: Status, target: string): ServiceStatus {
  const [name = '', service = ''] = target.split('/');
  const found = hostIn(status, name).services.find((candidate) => candidate.name === service);
  if (found === undefined) throw new Error(`status has no service ${target}`);
  return found;
}
