import type { ActionOutcome, ActionRequest, ConfirmExtras, Plan, PlanResult, Progress, Refusal } from '../../src/actions/plan.ts';
import type { Interrupted, Resolution } from '../../src/actions/recovery.ts';
import type { Undoable } from '../../src/actions/undo.ts';
import type { ScreenExecutor } from '../../views/console.ts';
import { type FakeBulk, fakeBulk, type FakeBulkSpec } from './fake-bulk.ts';

/** An executor that plans and acts on nothing, and remembers what it was asked. */
export interface FakeExecutor extends ScreenExecutor {
  readonly planned: ActionRequest[];
  readonly executed: { readonly plan: Plan; readonly word: string; readonly extras: ConfirmExtras }[];
  readonly many: FakeBulk;
  /** Keys that kept the arming awake. */
  readonly calls: { touches: number; readonly resolved: string[]; readonly answered: (readonly [string, string, string])[] };
}

export interface FakeExecutorSpec extends FakeBulkSpec {
  readonly confirmation?: Plan['confirmation'];
  /** Parts of every plan that differ from the usual. */
  readonly plan?: Partial<Plan>;
  readonly arming?: 'open' | 'armed' | 'locked' | 'read-only';
  readonly outcome?: ActionOutcome;
  /** Pause between the steps of a change, ms. */
  readonly pauseMs?: number;
  /** The change ends no sooner than this. */
  readonly hold?: Promise<void>;
  /** What is told while it runs, instead of the usual. */
  readonly progress?: readonly Omit<Progress, 'at'>[];
  readonly refuse?: PlanResult;
  readonly pending?: readonly Interrupted[];
  readonly resolution?: Resolution;
  readonly undoable?: readonly Undoable[];
  readonly refuseUndo?: Refusal;
}

export function fakeExecutor(clock: () => number, spec: FakeExecutorSpec = {}): FakeExecutor {
  const until = new Map<string, number>();
  const planned: ActionRequest[] = [];
  const executed: { plan: Plan; word: string; extras: ConfirmExtras }[] = [];
  const calls: FakeExecutor['calls'] = { touches: 0, resolved: [], answered: [] };
  const planOf = (request: ActionRequest): Plan => ({ ...planFor(request, clock(), spec.confirmation), ...spec.plan });
  const many = fakeBulk(clock, planOf, spec);
  const arming = spec.arming ?? 'locked';
  const started = clock();
  return {
    planned,
    executed,
    many,
    calls,
    bulk: many.bulk,
    async plan(request): Promise<PlanResult> {
      planned.push(request);
      return spec.refuse ?? { ok: true, plan: planOf(request) };
    },
    async execute(plan, word, onProgress, extras = {}): Promise<ActionOutcome> {
      executed.push({ plan, word, extras });
      const steps: readonly Omit<Progress, 'at'>[] = spec.progress ?? [
        { phase: 'journal', text: 'intent 4711 is on disk', health: 'ok' },
        { phase: 'precheck', text: 'nginx -t: syntax is ok', health: 'ok' },
        { phase: 'send', text: 'systemctl restart --no-block nginx.service', health: 'ok' },
        { phase: 'verify', text: 'waiting for a new InvocationID', health: 'running' },
        { phase: 'verify', text: 'port 80 listens again', health: 'ok' },
      ];
      for (const step of steps) {
        if (spec.pauseMs !== undefined) await new Promise((resolve) => setTimeout(resolve, spec.pauseMs));
        onProgress({ ...step, at: clock() });
      }
      await spec.hold;
      return (
        spec.outcome ?? {
          kind: 'ok',
          summary: 'nginx on web1 runs anew.',
          evidence: ['InvocationID changed', 'port 80 listens', 'check site answered 200'],
        }
      );
    },
    arm(env) {
      if (arming === 'read-only') return { guard: 'read-only', message: 'This console was started read-only.' };
      until.set(env, clock() + 300_000);
      return null;
    },
    recovery: {
      pending: () => spec.pending ?? [],
      resolve: async (item) => {
        calls.resolved.push(item.plan.id);
        return spec.resolution ?? { kind: 'away', why: 'it cannot be asked now' };
      },
      answer: async (item, outcome, reason) => {
        calls.answered.push([item.plan.id, outcome, reason]);
        return { kind: 'closed', outcome, summary: `kim@desk says so: ${reason}` };
      },
    },
    undo: { list: () => spec.undoable ?? [] },
    async planUndo(): Promise<PlanResult> {
      const last = spec.undoable?.[0];
      if (spec.refuseUndo !== undefined) return { ok: false, refusal: spec.refuseUndo };
      if (last === undefined) return { ok: false, refusal: { guard: 'empty', message: 'nothing to undo' } };
      return { ok: true, plan: { ...planOf(last.request), undoes: last.actionId } };
    },
    touch() {
      calls.touches += 1;
    },
    disarm(env) {
      until.delete(env);
    },
    armed(env) {
      if (arming === 'open' || arming === 'read-only') return { state: arming };
      const end = until.get(env) ?? (arming === 'armed' ? started + 300_000 : 0);
      return clock() < end ? { state: 'armed', until: end } : { state: 'locked' };
    },
  };
}

export function planFor(request: ActionRequest, at: number, confirmation: Plan['confirmation'] = { kind: 'key', word: 'y' }): Plan {
  const name = request.hostId.split('/').at(-1) ?? '';
  const service = 'service' in request ? request.service : request.action;
  return {
    id: 'plan-1',
    subject: `${name}/${service}`,
    risk: 'change',
    others: [],
    undoRequest: null,
    undoes: null,
    reasonNeeded: null,
    approvalNeeded: null,
    hash: '0'.repeat(64),
    before: { instance: 'a1' },
    request,
    title: `restart ${service} on ${name}`,
    env: 'prod',
    danger: true,
    targets: [{ hostId: request.hostId, name, address: '10.0.0.7' }],
    locks: [{ hostId: request.hostId, hostName: name, lock: 'host', needed: true }],
    notes: [],
    debt: null,
    settles: [],
    commands: [
      {
        hostId: request.hostId,
        hostName: name,
        purpose: 'precheck',
        bare: 'true',
        sudo: { kind: 'root' },
        command: 'sudo -n nginx -t',
        deadlineMs: 10_000,
        cloud: null,
      },
      {
        hostId: request.hostId,
        hostName: name,
        purpose: 'change',
        bare: 'true',
        sudo: { kind: 'root' },
        command: `sudo -n systemctl restart --no-block ${service}.service`,
        deadlineMs: 10_000,
        cloud: null,
      },
    ],
    proofs: [
      { kind: 'unit', text: `${service}.service is active (running) for 10 s` },
      { kind: 'instance', text: 'its InvocationID is another one than a1' },
      { kind: 'port', text: 'port 80 listens' },
    ],
    now: [{ text: 'running since 3 d, pid 812', health: 'ok' }],
    expected: `${service} starts anew; requests in flight on ${name} are cut.`,
    warnings: [`${name} is in pool www and stays there during the restart.`],
    undo: 'A restart cannot be taken back.',
    confirmation,
    madeAt: at,
    expiresAt: at + 60_000,
  };
}
