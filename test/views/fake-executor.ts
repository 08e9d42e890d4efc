import type { ActionOutcome, ActionRequest, Executor, Plan, PlanResult, Progress } from '../../src/actions/plan.ts';

/** An executor that plans and acts on nothing, and remembers what it was asked. */
export interface FakeExecutor extends Executor {
  readonly planned: ActionRequest[];
  readonly executed: { readonly plan: Plan; readonly word: string }[];
}

export interface FakeExecutorSpec {
  readonly confirmation?: Plan['confirmation'];
  readonly arming?: 'open' | 'armed' | 'locked' | 'read-only';
  readonly outcome?: ActionOutcome;
  /** Pause between the steps of a change, ms. */
  readonly pauseMs?: number;
  readonly refuse?: PlanResult;
}

export function fakeExecutor(clock: () => number, spec: FakeExecutorSpec = {}): FakeExecutor {
  const until = new Map<string, number>();
  const planned: ActionRequest[] = [];
  const executed: { plan: Plan; word: string }[] = [];
  const arming = spec.arming ?? 'locked';
  const started = clock();
  return {
    planned,
    executed,
    async plan(request): Promise<PlanResult> {
      planned.push(request);
      return spec.refuse ?? { ok: true, plan: planFor(request, clock(), spec.confirmation) };
    },
    async execute(plan, word, onProgress): Promise<ActionOutcome> {
      executed.push({ plan, word });
      const steps: readonly Omit<Progress, 'at'>[] = [
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
  return {
    id: 'plan-1',
    request,
    title: `restart ${request.service} on ${name}`,
    env: 'prod',
    danger: true,
    targets: [{ hostId: request.hostId, name, address: '10.0.0.7' }],
    commands: [
      {
        hostId: request.hostId,
        hostName: name,
        purpose: 'precheck',
        bare: 'true',
        sudo: { kind: 'root' },
        command: 'sudo -n nginx -t',
        deadlineMs: 10_000,
      },
      {
        hostId: request.hostId,
        hostName: name,
        purpose: 'change',
        bare: 'true',
        sudo: { kind: 'root' },
        command: `sudo -n systemctl restart --no-block ${request.service}.service`,
        deadlineMs: 10_000,
      },
    ],
    proofs: [
      { kind: 'unit', text: `${request.service}.service is active (running) for 10 s` },
      { kind: 'instance', text: 'its InvocationID is another one than a1' },
      { kind: 'port', text: 'port 80 listens' },
    ],
    now: [{ text: 'running since 3 d, pid 812', health: 'ok' }],
    expected: `${request.service} starts anew; requests in flight on ${name} are cut.`,
    warnings: [`${name} is in pool www and stays there during the restart.`],
    undo: 'A restart cannot be taken back.',
    confirmation,
    instanceBefore: 'a1',
    madeAt: at,
    expiresAt: at + 60_000,
  };
}
