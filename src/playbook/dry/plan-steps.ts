import { parseDuration } from '../../config/schema/values.ts';
import { type Scope, unknown } from '../expression.ts';
import type { OnFail, Playbook, Step } from '../playbook.ts';
import { usualProbeMs } from '../run/look-steps.ts';
import { stepsWithin } from '../runs.ts';
import { jsonOf } from '../run/owing.ts';
import { shownCommandLine, shownText } from '../template.ts';
import type { ActionTimes } from './action-times.ts';
import { either, ending, type Flow, followed, lasting, longestOf, nothing, played, repeated } from './flow.ts';
import type { PlannedDebt, PlannedStep, PlannedWay } from './plan.ts';
import { filledOrUnknown, namesFor } from './plan-names.ts';
import { itemsOf, namesLeft, shownProbe, titleOf, undoWords } from './plan-words.ts';

/** Where a list of steps stands: in which playbook, with which names, behind which keys. */
export interface PlanFrame {
  readonly playbook: Playbook;
  readonly names: Map<string, unknown>;
  readonly prefix: string;
}

export interface PlannedSteps {
  readonly planned: readonly PlannedStep[];
  readonly flow: Flow;
}

interface Ways<Lasts> {
  readonly ways: readonly PlannedWay[];
  readonly flow: Lasts;
}

type Of<Verb extends Step['verb']> = Extract<Step, { verb: Verb }>;

const looks: ReadonlySet<Step['verb']> = new Set(['check', 'wait', 'run', 'do', 'manual', 'approve']);
const people = 'what people take';

/** Plans lists of steps and gathers what is owed and what has no time-out. */
export class Planner {
  readonly debts: PlannedDebt[] = [];
  readonly without = new Set<string>();
  readonly #others: ReadonlyMap<string, Playbook>;
  readonly #times: ActionTimes;
  /** Ids of the playbooks played around the steps at hand. */
  readonly #playing: string[] = [];

  constructor(others: ReadonlyMap<string, Playbook>, times: ActionTimes) {
    this.#others = others;
    this.#times = times;
  }

  steps(steps: readonly Step[], frame: PlanFrame): PlannedSteps {
    let flow = nothing;
    const planned = steps.map((step) => {
      const [one, through] = this.#step(step, frame);
      flow = followed(flow, step.when === null ? through : either(through, nothing));
      return one;
    });
    return { planned, flow };
  }

  #step(step: Step, frame: PlanFrame): readonly [PlannedStep, Flow] {
    const scope: Scope = Object.fromEntries(frame.names);
    const text = (template: string): string => shownText(template, scope);
    const key = frame.prefix + step.address;
    const items = step.verb === 'each' ? itemsOf(step, scope) : null;
    const inside = this.#inside(step, frame, key, items);
    const timeoutMs = step.verb === 'do' ? this.#actionMs(step, frame) : this.#timeoutMs(step, scope);
    const tries = followed(lasting(this.#ownMs(step, timeoutMs, scope)), inside.flow);
    const failing = looks.has(step.verb) ? this.#failing(step, frame) : { ways: [], flow: null };
    const flow = failing.flow === null ? tries : either(tries, followed(tries, failing.flow));
    for (const name of namesLeft(step)) frame.names.set(name, unknown);
    if (step.temporary) {
      const settling = [...frame.playbook.steps, ...frame.playbook.finally]
        .flatMap(stepsWithin)
        .filter(({ settles }) => settles === step.id);
      const leave = step.leave === null ? null : text(step.leave);
      this.debts.push({ key, what: titleOf(step, scope), settledBy: settling.map(({ address }) => frame.prefix + address), leave });
    }
    return [
      {
        key,
        id: step.id,
        verb: step.verb,
        title: titleOf(step, scope),
        shell: step.verb === 'run' || ((step.verb === 'check' || step.verb === 'wait') && step.probe.kind === 'command'),
        host: step.host === null ? null : text(step.host),
        when: step.when,
        why: step.why === null ? null : text(step.why),
        skipIf: step.skipIf === null ? null : shownProbe(step.skipIf, scope),
        preview: step.verb === 'run' && step.preview !== null ? shownCommandLine(step.preview, scope) : null,
        wanted: step.verb === 'check' ? step.expect : step.verb === 'wait' ? step.until : null,
        hold: step.verb === 'wait' && step.hold !== null ? text(step.hold) : null,
        save: step.save,
        risk: step.risk,
        rerun: step.rerun,
        retries: step.retry?.times ?? 0,
        undo: undoWords(step, scope),
        temporary: step.temporary,
        settles: step.settles,
        leave: step.leave === null ? null : text(step.leave),
        ends: step.verb === 'stop' ? step.result : null,
        items,
        timeoutMs,
        longestMs: longestOf(flow),
        ways: [...inside.ways, ...failing.ways],
        line: step.at.line,
      },
      flow,
    ];
  }

  /** The steps that stand inside this one, each way of them. */
  #inside(step: Step, frame: PlanFrame, key: string, items: readonly string[] | null): Ways<Flow> {
    switch (step.verb) {
      case 'section': {
        const { planned, flow } = this.steps(step.steps, frame);
        return { ways: [{ kind: 'inside', label: '', why: null, next: 'goes on', steps: planned }], flow };
      }
      case 'branch': {
        const none = step.arms.some((arm) => arm.when === null) ? null : nothing;
        return this.#forked(
          step.arms.map((arm) => ({ kind: 'arm' as const, label: arm.when ?? 'else', why: arm.why, steps: arm.steps })),
          frame,
          none,
        );
      }
      case 'choose': {
        const scope = Object.fromEntries(frame.names);
        this.without.add(people);
        return this.#forked(
          step.options.map(({ name, label, steps }) => ({
            kind: 'option' as const,
            label: `${name}: ${shownText(label, scope)}`,
            why: null,
            steps,
          })),
          frame,
          null,
        );
      }
      case 'each':
        return this.#each(step, frame, key, items);
      case 'play':
        return this.#play(step, frame, key);
      case 'stop':
        return { ways: [], flow: ending(step.result) };
      default:
        return { ways: [], flow: nothing };
    }
  }

  #forked(
    arms: readonly (Pick<PlannedWay, 'kind' | 'label' | 'why'> & { readonly steps: readonly Step[] })[],
    frame: PlanFrame,
    none: Flow | null,
  ): Ways<Flow> {
    let flow = none;
    const ways = arms.map(({ kind, label, why, steps }): PlannedWay => {
      const arm = this.steps(steps, frame);
      flow = flow === null ? arm.flow : either(flow, arm.flow);
      return { kind, label, why, next: 'goes on', steps: arm.planned };
    });
    return { ways, flow: flow ?? nothing };
  }

  #each(step: Of<'each'>, frame: PlanFrame, key: string, items: readonly string[] | null): Ways<Flow> {
    const [only, second] = items ?? [];
    const names = new Map(frame.names);
    names.set(step.variable, only !== undefined && second === undefined ? only : unknown);
    const once = this.steps(step.steps, { ...frame, names, prefix: `${key}/` });
    for (const name of names.keys()) if (name !== step.variable) frame.names.set(name, names.get(name));
    if (items === null) this.without.add(`the number of ${step.in}`);
    if (step.confirm !== 'never') this.without.add(people);
    const pause = step.pause === null ? 0 : (parseDuration(shownText(step.pause, Object.fromEntries(frame.names))) ?? 0);
    // At most one pause before each item but the first.
    const times = items?.length ?? 1;
    return {
      ways: [{ kind: 'inside', label: step.variable, why: null, next: 'goes on', steps: once.planned }],
      flow: repeated(once.flow, times, pause * Math.max(0, times - 1)),
    };
  }

  #play(step: Of<'play'>, frame: PlanFrame, key: string): Ways<Flow> {
    const other = this.#others.get(step.playbook);
    if (other === undefined || this.#playing.includes(other.id)) {
      this.without.add(`playbook ${step.playbook}`);
      const label = other === undefined ? `there is no playbook ${step.playbook} here` : `${step.playbook} is played inside itself`;
      return { ways: [{ kind: 'inside', label, why: null, next: 'failed', steps: [] }], flow: nothing };
    }
    const given = Object.fromEntries(Object.entries(step.with).map(([name, value]) => [name, filledOrUnknown(value, frame.names)]));
    this.#playing.push(other.id);
    const { planned, flow } = this.steps(other.steps, { playbook: other, names: namesFor(other, given), prefix: `${key}>` });
    this.#playing.pop();
    return { ways: [{ kind: 'inside', label: other.title, why: null, next: 'goes on', steps: planned }], flow: played(flow) };
  }

  #failing(step: Step, frame: PlanFrame): Ways<Flow | null> {
    const ways: PlannedWay[] = [];
    let flow: Flow | null = null;
    const handlers = [
      ['on_fail', step.onFail],
      ['on_unreachable', step.onUnreachable],
    ] as const;
    for (const [kind, handler] of handlers) {
      if (handler === null) continue;
      const [way, then] = this.#handler(kind, handler, frame);
      ways.push(way);
      flow = flow === null ? then : either(flow, then);
    }
    return { ways, flow };
  }

  #handler(kind: 'on_fail' | 'on_unreachable', handler: OnFail, frame: PlanFrame): readonly [PlannedWay, Flow] {
    const way = { kind, label: '', why: null, steps: [] };
    switch (handler.kind) {
      case 'continue':
        return [{ ...way, next: 'goes on' }, nothing];
      case 'ask':
        return [{ ...way, next: 'ask' }, nothing];
      case 'undo':
        return [{ ...way, next: 'undo' }, ending('failed')];
      case 'stop': {
        const label = handler.message === null ? '' : shownText(handler.message, Object.fromEntries(frame.names));
        return [{ ...way, label, next: handler.result }, ending(handler.result)];
      }
      case 'steps': {
        const { planned, flow } = this.steps(handler.steps, frame);
        return [{ ...way, next: 'goes on', steps: planned }, flow];
      }
      default:
        return handler satisfies never;
    }
  }

  /** What the catalogue's action usually takes at most: the file's own time-out of it, if there is one, is no longer. */
  #actionMs(step: Of<'do'>, frame: PlanFrame): number | null {
    const given = filledOrUnknown(step.action.with, frame.names);
    const usual = this.#times(step.action.action, jsonOf(given));
    return usual ?? (step.timeout === null ? null : this.#timeoutMs(step, Object.fromEntries(frame.names)));
  }

  /** Time-out of one try; `null` when the step has none, or none that is known here. */
  #timeoutMs(step: Step, scope: Scope): number | null {
    const given = step.verb === 'sleep' ? step.duration : step.timeout;
    if (given === null) return step.verb === 'check' ? usualProbeMs : null;
    const text = shownText(given, scope);
    const ms = parseDuration(text);
    if (ms === null) this.without.add(text);
    return ms;
  }

  /** The step by itself, its retries and the pauses between them counted, ms. */
  #ownMs(step: Step, timeoutMs: number | null, scope: Scope): number {
    if (step.verb === 'manual' || step.verb === 'ask' || step.verb === 'approve') this.without.add(people);
    if (step.verb === 'do' && timeoutMs === null) this.without.add(step.action.action);
    const { retry } = step;
    const wait = retry === null ? 0 : retry.wait === null ? 1000 : (parseDuration(shownText(retry.wait, scope)) ?? 0);
    let ms = (step.skipIf === null ? 0 : usualProbeMs) + (timeoutMs ?? 0);
    for (let tries = 0; tries < (retry?.times ?? 0); tries += 1) ms += wait * (retry?.backoff ?? 1) ** tries + (timeoutMs ?? 0);
    return ms;
  }
}
