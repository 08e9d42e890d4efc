import type { Fleet } from '../fleet/definition.ts';
import type { HostView } from '../fleet/view.ts';
import { backup } from './backups/backup.ts';
import type { DraftResult, Driver, DriverContext, Proof, Sent } from './driver.ts';
import { command } from './drivers/command.ts';
import { custom, customUndo } from './drivers/custom.ts';
import { drain } from './drivers/drain.ts';
import { maintenance } from './drivers/maintenance.ts';
import { reboot } from './drivers/reboot.ts';
import { restart, start } from './drivers/restart.ts';
import { rollback } from './drivers/rollback.ts';
import type { Plan, Progress } from './plan.ts';
import { depool } from './pools/depool.ts';
import { repool } from './pools/repool.ts';
import type { ActionRequest } from './request.ts';

/** Hands a request to its driver. Typed by hand, because a table of drivers would lose which request belongs to which. */
export function draftOf(context: DriverContext, view: HostView, request: ActionRequest): Promise<DraftResult> {
  return withDriver(request, {
    with: async (driver, own) => driver.draft(context, view, own),
  });
}

/** Proves a plan's effect by its driver. */
export function proofOf(context: DriverContext, plan: Plan, sent: Sent, onProgress: (progress: Progress) => void): Promise<Proof> {
  return withDriver(plan.request, {
    with: async (driver, own) => driver.prove(context, plan, own, sent, onProgress),
  });
}

/** What goes on after a change's command was cut off, in words; `null` when nothing is seen to. */
export function underWayOf(context: DriverContext, request: ActionRequest): Promise<string | null> {
  return withDriver(request, { with: async (driver, own) => (await driver.underWay?.(context, own)) ?? null });
}

/** How far a long change is, in words; `null` when its driver does not tell. */
export function progressOf(context: DriverContext, plan: Plan): Promise<string | null> {
  return withDriver(plan.request, {
    with: async (driver, own) => (await driver.progress?.(context, plan, own)) ?? null,
  });
}

/** The longest that a change usually takes by the fleet file, ms: see `Driver`. */
export function longestMsOf(fleet: Fleet, request: ActionRequest): number | null {
  return withDriver(request, { with: (driver, own) => driver.longestMs?.(fleet, own) ?? null });
}

/** Whether a change can be planned though its target does not answer. */
export function targetMayBeAway(request: ActionRequest): boolean {
  return request.action === 'depool' ? depool.targetMayBeAway === true : request.action === 'repool' && repool.targetMayBeAway === true;
}

interface Use<Result> {
  with<Request extends ActionRequest>(driver: Driver<Request>, request: Request): Result;
}

function withDriver<Result>(request: ActionRequest, use: Use<Result>): Result {
  switch (request.action) {
    case 'restart':
      return use.with(restart, request);
    case 'start':
      return use.with(start, request);
    case 'drain':
      return use.with(drain, request);
    case 'rollback':
      return use.with(rollback, request);
    case 'maintenance':
      return use.with(maintenance, request);
    case 'reboot':
      return use.with(reboot, request);
    case 'depool':
      return use.with(depool, request);
    case 'repool':
      return use.with(repool, request);
    case 'backup':
      return use.with(backup, request);
    case 'command':
      return use.with(command, request);
    case 'custom':
      return use.with(custom, request);
    case 'custom-undo':
      return use.with(customUndo, request);
    default:
      return request satisfies never;
  }
}
