import type { HostId } from '../fleet/host.ts';
import type { Entry, JsonValue, Journal } from '../journal/entry.ts';
import type { World } from '../live/world.ts';
import type { ExecResult } from '../remote/connection.ts';
import { Arming, type ArmState } from './arming.ts';
import { changedSince, planRestart } from './plan-restart.ts';
import type { ActionOutcome, ActionRequest, Executor, Plan, PlanResult, Progress, Refusal } from './plan.ts';
import { runOnHost } from './run-on-host.ts';
import { serviceOf, verifyRestart, type Proof } from './verify-restart.ts';

export interface ExecutorOptions {
  readonly world: World;
  readonly journal: Journal;
  readonly readOnly: boolean;
  /** `user@machine`, written into every entry. */
  readonly who: string;
}

const keptOutput = 2000;

/** The one place that changes the world: plan → guards → journal → send → verify by effect → journal. */
export function createExecutor(options: ExecutorOptions): Executor {
  return new OneExecutor(options);
}

class OneExecutor implements Executor {
  readonly #world: World;
  readonly #journal: Journal;
  readonly #who: string;
  readonly #arming: Arming;
  readonly #busy = new Set<HostId>();
  readonly #spent = new Set<string>();

  constructor(options: ExecutorOptions) {
    this.#world = options.world;
    this.#journal = options.journal;
    this.#who = options.who;
    this.#arming = new Arming(options.world.fleet, options.readOnly, () => options.world.clock.wallMs());
  }

  async plan(request: ActionRequest): Promise<PlanResult> {
    if (this.#world.connection(request.hostId) !== null) await this.#world.freshRound(request.hostId);
    return planRestart(this.#world.fleet, this.#world.view(request.hostId), request, this.#world.clock.wallMs());
  }

  arm(env: string): Refusal | null {
    const refusal = this.#arming.arm(env);
    if (refusal !== null) return refusal;
    const failure = this.#record('arm', { env });
    if (failure === null) return null;
    this.#arming.disarm(env);
    return failure;
  }

  disarm(env: string): void {
    this.#arming.disarm(env);
    this.#record('disarm', { env });
  }

  armed(env: string): ArmState {
    return this.#arming.state(env);
  }

  async execute(plan: Plan, word: string, onProgress: (progress: Progress) => void): Promise<ActionOutcome> {
    const { hostId } = plan.request;
    const early = this.#refuse(plan, word);
    if (early !== null) return this.#refused(plan, early);
    this.#busy.add(hostId);
    this.#spent.add(plan.id);
    try {
      return await this.#run(plan, onProgress);
    } finally {
      this.#busy.delete(hostId);
    }
  }

  #refuse(plan: Plan, word: string): Refusal | null {
    if (word !== plan.confirmation.word) {
      return {
        guard: 'confirmation',
        message: `not confirmed: this plan asks for ${JSON.stringify(plan.confirmation.word)}; nothing was sent`,
      };
    }
    if (this.#spent.has(plan.id)) return { guard: 'expired', message: 'this plan was already used; make a new one' };
    if (this.#world.clock.wallMs() > plan.expiresAt)
      return { guard: 'expired', message: 'this plan is older than a minute; make a new one' };
    const locked = this.#arming.refuse(plan.env);
    if (locked !== null) return locked;
    if (this.#busy.has(plan.request.hostId))
      return { guard: 'busy', message: `another change is running on ${targetNames(plan)}; wait for it to end` };
    if (this.#journal.failure !== null)
      return {
        guard: 'journal',
        message: `the journal cannot be written (${this.#journal.failure}): changes are refused, watching goes on`,
      };
    return null;
  }

  async #run(plan: Plan, onProgress: (progress: Progress) => void): Promise<ActionOutcome> {
    const tell = (phase: Progress['phase'], text: string, health: Progress['health']): void =>
      onProgress({ at: this.#world.clock.wallMs(), phase, text, health });
    const { hostId } = plan.request;
    // State and connection are read again now: what was true on the card must be true at the sending.
    await this.#world.freshRound(hostId);
    const view = this.#world.view(hostId);
    const connection = this.#world.connection(hostId);
    const spec = serviceOf(this.#world, hostId, plan.request.service);
    if (view === null || connection === null || spec === null) {
      return this.#refused(plan, { guard: 'unreachable', message: `${targetNames(plan)} cannot be reached now: nothing was sent` });
    }
    const changed = changedSince(plan, view);
    if (changed !== null) return this.#refused(plan, { guard: 'expired', message: `${changed}; make a new plan` });

    const failure = this.#record('intent', intentOf(plan), plan);
    if (failure !== null) return { kind: 'refused', refusal: failure };
    tell('journal', `intent ${plan.id} is in the journal`, 'ok');

    for (const command of plan.commands.filter((candidate) => candidate.purpose === 'precheck')) {
      tell('precheck', command.command, 'running');
      const result = await runOnHost(connection, command);
      if (result.end !== 'exit' || result.exit !== 0) {
        const message = `the precheck ${command.command} failed (${endWords(result)}): nothing was restarted${firstLine(result)}`;
        this.#record(
          'outcome',
          { env: plan.env, outcome: 'refused', detail: { guard: 'precheck', message, ...resultDetail(result) } },
          plan,
        );
        return { kind: 'refused', refusal: { guard: 'precheck', message } };
      }
      tell('precheck', `${command.command}: exit 0`, 'ok');
    }

    const sentAt = this.#world.clock.wallMs();
    const results: ExecResult[] = [];
    for (const command of plan.commands.filter((candidate) => candidate.purpose === 'change')) {
      tell('send', command.command, 'running');
      const result = await runOnHost(connection, command);
      results.push(result);
      tell(
        'send',
        `${endWords(result)} after ${Math.round(result.durationMs / 100) / 10} s${firstLine(result)}`,
        result.exit === 0 ? 'ok' : result.end === 'exit' ? 'crit' : 'unknown',
      );
      if (result.end === 'exit' && result.exit !== 0) break;
    }
    const proof = await this.#prove(plan, spec, results, sentAt, onProgress);
    tell('done', proof.summary, proof.kind === 'ok' ? 'ok' : proof.kind === 'failed' ? 'crit' : 'unknown');
    return this.#close(plan, proof, results);
  }

  /** A command that ended with an error is a failure whatever the service looks like; anything else is decided by the effect. */
  async #prove(
    plan: Plan,
    spec: NonNullable<ReturnType<typeof serviceOf>>,
    results: readonly ExecResult[],
    sentAt: number,
    onProgress: (progress: Progress) => void,
  ): Promise<Proof> {
    const bad = results.find((result) => result.end === 'exit' && result.exit !== 0);
    if (bad !== undefined)
      return { kind: 'failed', summary: `the command ended with exit ${bad.exit ?? '?'}${firstLine(bad)}${remedyOf(bad)}`, evidence: [] };
    return verifyRestart(this.#world, plan.request.hostId, spec, { instance: plan.instanceBefore, sentAt }, onProgress);
  }

  #close(plan: Plan, proof: Proof, results: readonly ExecResult[]): ActionOutcome {
    const said = results
      .map((result) => firstLine(result))
      .filter((line) => line !== '' && proof.kind !== 'ok' && !proof.summary.includes(line));
    const summary = `${proof.summary}${said.join('')}`;
    const failure = this.#record(
      'outcome',
      { env: plan.env, outcome: proof.kind, detail: { summary, evidence: [...proof.evidence], commands: results.map(resultDetail) } },
      plan,
    );
    const evidence = failure === null ? proof.evidence : [...proof.evidence, `the outcome is not in the journal: ${failure.message}`];
    return { kind: proof.kind, summary, evidence };
  }

  #refused(plan: Plan, refusal: Refusal): ActionOutcome {
    this.#record('refused', { env: plan.env, outcome: refusal.guard, detail: { title: plan.title, message: refusal.message } }, plan);
    return { kind: 'refused', refusal };
  }

  #record(
    kind: Entry['kind'],
    fields: { env: string; outcome?: string; detail?: Readonly<Record<string, JsonValue>> },
    plan?: Plan,
  ): Refusal | null {
    try {
      this.#journal.append({
        kind,
        actionId: plan?.id ?? null,
        who: this.#who,
        env: fields.env,
        targets: plan === undefined ? [] : plan.targets.map((target) => `${target.name}/${plan.request.service}`),
        command: plan?.commands.find((command) => command.purpose === 'change')?.command ?? null,
        outcome: fields.outcome ?? null,
        detail: fields.detail ?? {},
      });
      return null;
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown reason';
      return { guard: 'journal', message: `the journal cannot be written (${why}): changes are refused, watching goes on` };
    }
  }
}

function intentOf(plan: Plan): { env: string; detail: Readonly<Record<string, JsonValue>> } {
  return {
    env: plan.env,
    detail: {
      title: plan.title,
      commands: plan.commands.map((command) => ({ host: command.hostName, purpose: command.purpose, command: command.command })),
      proofs: plan.proofs.map((proof) => proof.text),
      now: plan.now.map((now) => now.text),
      warnings: [...plan.warnings],
      instanceBefore: plan.instanceBefore,
    },
  };
}

function targetNames(plan: Plan): string {
  return plan.targets.map((target) => target.name).join(', ');
}

function endWords(result: ExecResult): string {
  switch (result.end) {
    case 'exit':
      return result.exit === 124 ? 'cut off at its deadline on the host' : `exit ${result.exit ?? '?'}`;
    case 'signal':
      return `killed by ${result.signal ?? 'a signal'}`;
    case 'deadline':
      return 'no end before the deadline';
    case 'lost':
      return 'the connection was lost';
    default:
      return result.end satisfies never;
  }
}

/** The first thing it said, standard error first: where `Did not start.` and sudo's refusals stand. */
function firstLine(result: ExecResult): string {
  const text = [...result.stderr.split('\n'), ...result.stdout.split('\n')].map((line) => line.trim()).find((line) => line !== '');
  return text === undefined ? '' : `: ${text.slice(0, 200)}`;
}

function remedyOf(result: ExecResult): string {
  if (!/^sudo:/m.test(result.stderr)) return '';
  return ' (the login may not run this with sudo -n: give it a NOPASSWD rule for exactly this command, or set ssh.sudo in the fleet file)';
}

function resultDetail(result: ExecResult): { [key: string]: JsonValue } {
  return {
    end: result.end,
    exit: result.exit,
    ms: Math.round(result.durationMs),
    stdout: result.stdout.slice(0, keptOutput),
    stderr: result.stderr.slice(0, keptOutput),
  };
}
