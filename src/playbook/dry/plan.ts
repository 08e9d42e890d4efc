import { parseDuration } from '../../config/schema/values.ts';
import { unknown } from '../expression.ts';
import type { Playbook, Result, Verb } from '../playbook.ts';
import { shownText } from '../template.ts';
import { type ActionTimes, noTimes } from './action-times.ts';
import { followed, longestOf } from './flow.ts';
import { namesFor } from './plan-names.ts';
import { Planner } from './plan-steps.ts';

/** A playbook read without asking anybody: every step, both ways of every fork, what is owed, and how long it can take. Plain JSON. */
export interface PlaybookPlan {
  readonly playbook: string;
  readonly title: string;
  readonly inputs: readonly {
    readonly name: string;
    /** As it would be filled in; `null` when it is not given. */
    readonly value: string | null;
    readonly needed: boolean;
    readonly help: string | null;
  }[];
  readonly locks: readonly string[];
  /** Members that must stay in a pool meanwhile. */
  readonly keepInPool: string | null;
  /** The run's own limit, ms. */
  readonly limitMs: number | null;
  readonly longest: Longest;
  readonly debts: readonly PlannedDebt[];
  readonly steps: readonly PlannedStep[];
  readonly finally: readonly PlannedStep[];
}

/** The sum of the time-outs along the longest way, retries counted; `without`: what has no time-out that is known here. */
export interface Longest {
  readonly ms: number;
  readonly without: readonly string[];
}

/** State that must not outlive a good end. */
export interface PlannedDebt {
  readonly key: string;
  readonly what: string;
  /** Keys of the steps that end it. */
  readonly settledBy: readonly string[];
  /** Why it may stay. */
  readonly leave: string | null;
}

/** One step as it would be done; a place whose value is not known stands as `{{ name }}`. */
export interface PlannedStep {
  /** Its address, behind the playbooks and loops it stands in: `roll/restart`, `handover>daemon`. */
  readonly key: string;
  readonly id: string | null;
  readonly verb: Verb;
  /** The exact command, the probe, the question: what the step does, in one line. */
  readonly title: string;
  /** Whether the title is a command for the host's shell. */
  readonly shell: boolean;
  readonly host: string | null;
  readonly when: string | null;
  readonly why: string | null;
  /** The command that skips the step where it succeeds, and the one that shows its effect without it. */
  readonly skipIf: string | null;
  readonly preview: string | null;
  /** `expect` or `until`. */
  readonly wanted: string | null;
  readonly hold: string | null;
  readonly save: string | null;
  readonly risk: 'safe' | 'change' | 'danger';
  readonly rerun: 'safe' | 'ask' | 'never';
  readonly retries: number;
  /** How it is taken back; `null` for a step that changes nothing. */
  readonly undo: string | null;
  readonly temporary: boolean;
  readonly settles: string | null;
  readonly leave: string | null;
  /** How a `stop` ends the run. */
  readonly ends: Result | null;
  /** The names a loop goes through, where they are known. */
  readonly items: readonly string[] | null;
  /** Time-out of one try, ms. */
  readonly timeoutMs: number | null;
  /** Longest time with everything inside it, ms. */
  readonly longestMs: number;
  /** Where it can lead. */
  readonly ways: readonly PlannedWay[];
  /** 1-based line of its playbook's file. */
  readonly line: number;
}

export interface PlannedWay {
  readonly kind: 'inside' | 'arm' | 'option' | 'on_fail' | 'on_unreachable';
  /** `nfs.failed`, `else`, `hung: Hangs or 5xx`. */
  readonly label: string;
  readonly why: string | null;
  /** What comes behind it: the next step, an end of the run, all taken back, a question. */
  readonly next: 'goes on' | 'ask' | 'undo' | Result;
  readonly steps: readonly PlannedStep[];
}

/**
 * The plan of a playbook, from its text alone.
 * @param others playbooks that it may play, by id
 * @param inputs values of the inputs that are known, as `readInputs` gives them; others stay places
 * @param times how long actions of the catalogue take, where the fleet is known
 */
export function planPlaybook(
  playbook: Playbook,
  others: ReadonlyMap<string, Playbook>,
  inputs: Readonly<Record<string, unknown>>,
  times: ActionTimes = noTimes,
): PlaybookPlan {
  const names = namesFor(playbook, inputs);
  const planner = new Planner(others, times);
  const frame = { playbook, names, prefix: '' };
  const steps = planner.steps(playbook.steps, frame);
  const last = planner.steps(playbook.finally, frame);
  const scope = Object.fromEntries(names);
  const { limits } = playbook;
  const ms = longestOf(followed({ through: longestOf(steps.flow), endedOk: null, ended: null }, last.flow));
  return {
    playbook: playbook.id,
    title: playbook.title,
    inputs: playbook.inputs.map(({ name, type, optional, help }) => {
      const value = names.get(name);
      const known = value === unknown || value === undefined ? null : type === 'secret' ? '•••' : [value].flat().map(String).join(', ');
      return { name, value: known, needed: !optional, help };
    }),
    locks: playbook.locks.map((lock) => shownText(lock, scope)),
    keepInPool: limits.keepInPool === null ? null : shownText(String(limits.keepInPool), scope),
    limitMs: limits.timeout === null ? null : parseDuration(shownText(limits.timeout, scope)),
    longest: { ms, without: [...planner.without] },
    debts: planner.debts,
    steps: steps.planned,
    finally: last.planned,
  };
}
