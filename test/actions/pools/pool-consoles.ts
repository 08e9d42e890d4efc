import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ActionOutcome } from '../../../src/actions/plan.ts';
import type { ActionRequest } from '../../../src/actions/request.ts';
import { type BenchConsole, openConsole } from '../console.ts';
import type { PoolBench } from './pool-bench.ts';

/** Consoles over a bench, each with a state directory of its own unless one is named. */
export class PoolConsoles {
  readonly #bench: PoolBench;
  readonly #fleet: string;
  readonly #open: BenchConsole[] = [];

  constructor(bench: PoolBench, fleet: string) {
    this.#bench = bench;
    this.#fleet = fleet;
  }

  async open(options: { readonly who?: string; readonly fleet?: string } = {}): Promise<BenchConsole> {
    const state = mkdtempSync(join(this.#bench.hosts.directory, 'state-'));
    const opened = await openConsole({ fleet: options.fleet ?? this.#fleet, who: options.who ?? 'ann@left', state });
    this.#open.push(opened);
    return opened;
  }

  /** Every member is in again, and none is slow. */
  async reset(): Promise<void> {
    for (const web of this.#bench.webs) {
      web.slowMs = 0;
      await this.#bench.admin(`set server web/${web.host.name} state ready`);
    }
  }

  /** Closes them; no step and no lock may be left on any host. Notes are of use for as long as a member is out. */
  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((one) => one.close()));
    const left = [...this.#bench.webs.map(({ host }) => host), this.#bench.lb].flatMap((host) => [...host.steps(), ...host.locks()]);
    expect(left.filter((name) => !name.startsWith('quarterdeck-note-'))).toEqual([]);
  }
}

export function depoolOf(name: string, mode: 'drain' | 'force' = 'drain'): ActionRequest {
  return { action: 'depool', hostId: `static/${name}`, pool: 'web', mode };
}

export function repoolOf(name: string): ActionRequest {
  return { action: 'repool', hostId: `static/${name}`, pool: 'web' };
}

/** An outcome in one line. */
export function said(outcome: ActionOutcome): string {
  return outcome.kind === 'refused'
    ? `refused (${outcome.refusal.guard}): ${outcome.refusal.message}`
    : `${outcome.kind}: ${outcome.summary}`;
}
