import { randomBytes } from 'node:crypto';
import { environmentOf, type Fleet } from '../fleet/definition.ts';
import type { HostView } from '../fleet/view.ts';
import type { Entry } from '../journal/entry.ts';
import type { Draft } from './driver.ts';
import { approvalFor, confirmationFor, coolDown, lastChange, planHash } from './guards.ts';
import type { Plan, PlannedLock } from './plan.ts';
import { hostLock } from './lock-name.ts';
import type { ActionRequest } from './request.ts';

/** A plan older than this is made anew. */
export const planLifeMs = 60_000;

/** Completes a draft with everything that is the same for every action. `recent` is the journal's newest, oldest first. */
export function makePlan(
  fleet: Fleet,
  request: ActionRequest,
  view: HostView,
  draft: Draft,
  around: {
    readonly views: readonly HostView[];
    readonly recent: readonly Entry[];
    readonly others: readonly string[];
    readonly nowMs: number;
  },
): Plan {
  const { host } = view;
  const danger = environmentOf(fleet, host.env).danger || draft.risk === 'danger';
  const last = lastChange(around.recent, host.name, around.nowMs);
  return {
    ...draft,
    id: planId(request.action, around.nowMs),
    request,
    env: host.env,
    notes: draft.notes ?? [],
    debt: draft.debt ?? null,
    settles: draft.settles ?? [],
    locks: locksOf(view, draft),
    undoes: null,
    danger,
    targets: [{ hostId: host.id, name: host.name, address: host.address }],
    others: [...around.others, ...(last === null ? [] : [last])],
    confirmation: confirmationFor([view], danger, around.views),
    reasonNeeded: draft.reasonNeeded === undefined ? coolDown(around.recent, draft.subject, around.nowMs) : draft.reasonNeeded,
    approvalNeeded: approvalFor(fleet, draft.risk, 1),
    hash: planHash(draft.title, draft.commands),
    madeAt: around.nowMs,
    expiresAt: around.nowMs + planLifeMs,
  };
}

/** The locks a draft asks for; the target's own when it names none. */
export function locksOf({ host }: HostView, draft: Draft): readonly PlannedLock[] {
  return draft.locks ?? [{ hostId: host.id, hostName: host.name, lock: hostLock, needed: true }];
}

/** `restart-20261122T011059Z-1f2e3d`: also the step's name on the host, so only letters, digits and dashes. */
export function planId(action: string, nowMs: number): string {
  return `${action}-${new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(4).toString('hex')}`;
}

/** Why a plan no longer holds: what was read again differs from what the card said. `null` when it is the same. */
export function difference(plan: Plan, fresh: Draft): string | null {
  const before = JSON.stringify(plan.before);
  const now = JSON.stringify(fresh.before);
  if (before !== now) return `${plan.subject} has changed since this plan was made (${before} → ${now})`;
  if (planHash(fresh.title, fresh.commands) !== plan.hash || JSON.stringify(fresh.commands) !== JSON.stringify(plan.commands))
    return `what would be run on ${plan.subject} is no longer what the plan said`;
  return null;
}
