import type { FleetState } from '../src/fleet/view.ts';
import type { Asked } from './asked.ts';
import { memberOf } from './pool-figures.ts';
import type { Change } from './state.ts';

/** A way on from what came of a change. */
export interface OutcomeKey {
  readonly key: string;
  readonly label: string;
  readonly asked: Asked;
}

/** Undo after success; after a drain that did not end: wait on, cut off, or put back. Leaving it as it is, is Escape. */
export function outcomeKeys({ outcome, plan }: Change, fleet: FleetState): readonly OutcomeKey[] {
  if (outcome?.kind === 'ok')
    return plan.undoRequest !== null && plan.undoes === null ? [{ key: 'z', label: 'undo it', asked: { kind: 'undo' } }] : [];
  const { request } = plan;
  if (outcome === null || outcome.kind === 'refused' || request.action !== 'depool') return [];
  const state = memberOf(fleet, request.hostId, request.pool)?.state;
  // A member that is in was never taken out: there is nothing to wait for and nothing to undo.
  if (state === 'in') return [];
  const { hostId, pool } = request;
  const again = (mode: 'drain' | 'force'): Asked => ({ kind: 'one', request: { action: 'depool', hostId, pool, mode } });
  return [
    // One that is out already has nothing left that a drain waits for.
    ...(state === 'out' ? [] : [{ key: 'w', label: 'wait on', asked: again('drain') }]),
    ...(request.mode === 'drain' ? [{ key: 'f', label: 'force it out', asked: again('force') }] : []),
    { key: 'u', label: 'put it back', asked: { kind: 'one', request: { action: 'repool', hostId, pool } } },
  ];
}
