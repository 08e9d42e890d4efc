import { type Debt, signedWords } from '../fleet/debt.ts';
import type { Fleet } from '../fleet/definition.ts';
import type { Reason } from '../fleet/health.ts';
import type { Host } from '../fleet/host.ts';
import type { PoolState } from '../fleet/pool.ts';
import { debtForgotten, debtOwed } from './alert-kind.ts';
import type { AlertSource } from './alert-source.ts';

/** While a change is under way a debt stands and the balancer still, or already, says in: ms. */
const underWayMs = 30_000;

export interface OwedInput {
  readonly fleet: Fleet;
  readonly hosts: readonly { readonly host: Host }[];
  readonly pools: readonly PoolState[];
  readonly debts: readonly Debt[];
  readonly now: number;
}

/** What is owed back, as sources of alerts: a reminder when its time has come, and a balancer that no longer knows of it. */
export function owedSources(input: OwedInput): readonly AlertSource[] {
  return input.debts.flatMap((debt) => [reminderOf(debt, input), ...forgottenBy(debt, input)]);
}

/** When its time has come. */
export function reminderOf(debt: Debt, input: OwedInput): AlertSource {
  const due = debt.remindAt !== null && input.now >= debt.remindAt;
  const text = `${owedWords(debt, input)} ${signedWords(debt.who, debt.since, debt.reason)}`;
  return {
    ...aboutDebt(debt, input),
    id: debt.id,
    reasons: due ? [reason(debtOwed, text, 0)] : [],
    evidenceAt: () => null,
    beganAt: () => debt.remindAt,
    settles: () => true,
  };
}

/** A balancer that says in of what we took out: HAProxy keeps no drain over a reload unless it is told to (`load-server-state-from-file`). */
export function forgottenBy(debt: Debt, input: OwedInput): AlertSource[] {
  const pool = debt.kind === 'pool' ? input.pools.find((each) => each.name === debt.pool) : undefined;
  if (pool === undefined || debt.hostId === null) return [];
  const about = aboutDebt(debt, input);
  const isIn = pool.error === null && pool.members.find((member) => member.hostId === debt.hostId)?.state === 'in';
  const text = `${balancerOf(pool.name, input)} forgot that ${about.host?.name ?? debt.hostId} is out of pool ${pool.name} (reloaded?)`;
  return [
    {
      ...about,
      id: `${debt.hostId}#${pool.name}`,
      reasons: isIn ? [reason(debtForgotten, text, underWayMs)] : [],
      evidenceAt: () => pool.readAt,
      beganAt: () => null,
      settles: () => pool.error === null && pool.readAt !== null,
    },
  ];
}

function aboutDebt(debt: Debt, input: OwedInput): Pick<AlertSource, 'host' | 'labels'> {
  const host = input.hosts.find((each) => each.host.id === debt.hostId)?.host ?? null;
  const labels: Record<string, string> = { debt: debt.kind };
  if (host !== null) Object.assign(labels, { host: host.name, env: host.env });
  if (debt.pool !== null) labels['pool'] = debt.pool;
  return { host, labels: () => labels };
}

function owedWords(debt: Debt, input: OwedInput): string {
  const name = input.hosts.find((each) => each.host.id === debt.hostId)?.host.name ?? debt.hostId;
  return debt.kind === 'pool' && debt.pool !== null && name !== null ? `${name} is owed back to pool ${debt.pool}` : debt.what;
}

/** The balancer by its host's name where the pool has one balancer, else by its pool's kind. */
function balancerOf(pool: string, { fleet, hosts }: OwedInput): string {
  const spec = fleet.pools.find((each) => each.name === pool);
  const on = spec?.options['on'];
  const balancers = hosts.filter(({ host }) => host.role !== null && host.role === on);
  const [only, second] = balancers;
  return only !== undefined && second === undefined ? only.host.name : `the balancer of pool ${pool}`;
}

function reason(name: string, text: string, forMs: number): Reason {
  return { name, health: 'warn', subject: { kind: 'host' }, text, forMs };
}
