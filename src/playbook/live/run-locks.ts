import { type HeldLocks, joined, tokenKey } from '../../actions/held-locks.ts';
import { hostLock } from '../../actions/lock-name.ts';
import type { PlannedLock } from '../../actions/plan.ts';
import { poolLocks } from '../../actions/pools/pool-places.ts';
import type { LeftLocks, RunDesk } from '../../actions/run-desk.ts';
import type { HostView } from '../../fleet/view.ts';
import type { World } from '../../live/world.ts';

export interface RunLocksHow {
  /** Those of a run whose console has ended. */
  readonly before: LeftLocks | null;
  /** Why locks are taken from whoever holds them; `null` when they are respected. */
  readonly breakFor: string | null;
  /** Hears of a lock that was taken away. */
  readonly broken: (words: string) => void;
}

interface Claim {
  readonly names: string;
  readonly planned: readonly PlannedLock[];
  readonly held: readonly HeldLocks[];
}

/** The locks of one run: those of its playbook, and of each that it plays for as long as that takes. */
export class RunLocks {
  readonly #world: World;
  readonly #desk: RunDesk;
  readonly #hostNamed: (name: string) => HostView | null;
  readonly #how: RunLocksHow;
  #claims: readonly Claim[] = [];

  constructor(world: World, desk: RunDesk, hostNamed: (name: string) => HostView | null, how: RunLocksHow) {
    this.#world = world;
    this.#desk = desk;
    this.#hostNamed = hostNamed;
    this.#how = how;
  }

  /** All that are held now; `null` when none is. */
  held(): HeldLocks | null {
    const all = this.#claims.flatMap((claim) => claim.held);
    return all.length === 0 ? null : joined(all);
  }

  /** `node:NAME`, `pool:NAME`; the words of who holds one, `null` when all are ours. Those of a run taken up are taken over. */
  async claim(names: readonly string[], reason: string, run: string, wanted: string | null = null): Promise<string | null> {
    const read = names.map((name) => this.#planned(name));
    const wrong = read.find((each) => typeof each === 'string');
    if (wrong !== undefined) return wrong;
    const planned = unique(read.flatMap((each) => (typeof each === 'string' ? [] : each)));
    const held: HeldLocks[] = [];
    const under = this.held();
    const breakFor = wanted ?? this.#how.breakFor;
    const tokens = this.#how.before?.tokens ?? {};
    const left = planned.filter((lock) => tokens[tokenKey(lock)] !== undefined && under?.holding(lock) == null);
    const unreached = new Set<PlannedLock>();
    if (left.length > 0) {
      const taken = await this.#desk.takeOver({ locks: left, tokens }, run, reason);
      if (taken !== null && 'words' in taken && breakFor === null) return taken.words;
      if (taken === null || 'words' in taken) for (const lock of left) unreached.add(lock);
      else held.push(taken);
    }
    const fresh = planned.filter((lock) => !left.includes(lock) || unreached.has(lock));
    if (fresh.length > 0) {
      const env = this.#world.view(fresh[0]?.hostId ?? '')?.host.env ?? 'default';
      const claimed = await this.#desk.claim(env, names.join(', '), fresh, breakFor ?? reason, { run, under, breakIt: breakFor !== null });
      if (!claimed.ok) {
        // What the run held before stays its own: it stands still, and is taken up again.
        for (const each of held) each.leave();
        return claimed.refusal.message;
      }
      held.push(claimed.locks);
      if (claimed.brokeOf !== null) this.#how.broken(`${claimed.told.join('; ')}: ${breakFor ?? reason}`);
    }
    this.#claims = [...this.#claims, { names: keyOf(names), planned, held }];
    return null;
  }

  record(): LeftLocks {
    return { locks: unique(this.#claims.flatMap((claim) => claim.planned)), tokens: this.held()?.tokens() ?? {} };
  }

  /** Gives back what the newest claim of exactly these took; everything when none are named. */
  async release(names?: readonly string[]): Promise<void> {
    const at = names === undefined ? 0 : this.#claims.findLastIndex((claim) => claim.names === keyOf(names));
    const given = names === undefined ? this.#claims : at === -1 ? [] : this.#claims.slice(at, at + 1);
    this.#claims = this.#claims.filter((claim) => !given.includes(claim));
    for (const claim of given.toReversed()) await Promise.all(claim.held.map((each) => each.release()));
  }

  /** They stand for who takes the run up. */
  async leave(what: string): Promise<void> {
    const held = this.#claims.flatMap((claim) => claim.held);
    this.#claims = [];
    await Promise.all(held.map((each) => each.leaveOpen(what)));
  }

  #planned(lock: string): readonly PlannedLock[] | string {
    const [, kind, name = ''] = /^(node|pool):(.+)$/.exec(lock) ?? [];
    if (kind === 'node') {
      const view = this.#hostNamed(name);
      if (view === null) return `there is no host ${JSON.stringify(name)} in this fleet`;
      return [{ hostId: view.host.id, hostName: view.host.name, lock: hostLock, needed: false }];
    }
    if (kind !== 'pool') return `${JSON.stringify(lock)} is no lock: node:NAME or pool:NAME`;
    return poolLocks(this.#world, name) ?? `the fleet file has no pool ${JSON.stringify(name)}`;
  }
}

function keyOf(names: readonly string[]): string {
  return JSON.stringify(names);
}

function unique(locks: readonly PlannedLock[]): readonly PlannedLock[] {
  return [...new Map(locks.map((lock) => [tokenKey(lock), lock])).values()];
}
