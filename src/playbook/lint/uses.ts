import type { Command, OnFail, Probe, Step } from '../playbook.ts';

/** One text of a step in which names stand. */
export type Use =
  /** `given`: to an action of the catalogue, which puts it into a command line of its own. */
  | { readonly kind: 'template'; readonly text: string; readonly given?: boolean }
  /** `shell`: one line for a shell, whose places are quoted; else a word of a list. `change`: a step, which may bring secrets to its host; `whole`: what it is a part of. */
  | { readonly kind: 'command'; readonly text: string; readonly shell: boolean; readonly change: boolean; readonly whole: Command }
  /** `facts`: names that the step's own probe adds. */
  | { readonly kind: 'expression'; readonly text: string; readonly facts: readonly string[] };

const commandFacts = ['out', 'err', 'exit', 'failed'];

const factsOfProbe: Readonly<Record<Probe['kind'], readonly string[]>> = {
  command: commandFacts,
  http: ['status', 'body', 'ms', 'failed'],
  port: ['open'],
  service: ['state', 'health'],
  pool: ['healthy', 'total', 'node_state'],
  metric: ['value'],
  alert: ['firing'],
  dns: ['addresses', 'failed'],
};

/** Facts that a step keeps under `save`; `null` when they are no map of known names. */
export function savedFacts(step: Step): readonly string[] | null {
  if (step.verb === 'run' || step.verb === 'do') return commandFacts;
  if (step.verb === 'manual' || step.verb === 'approve') return ['failed'];
  // Whoever could not be reached leaves the facts of a failed command.
  return step.verb === 'check' || step.verb === 'wait' ? [...new Set([...factsOfProbe[step.probe.kind], ...commandFacts])] : null;
}

/** Texts that are filled in before the step does anything, and while it does. */
export function usesOf(step: Step): readonly Use[] {
  const { when, host, timeout, skipIf, retry, undo, leave } = step;
  return [
    ...expression(when, []),
    ...templates(host, timeout, retry?.wait ?? null, leave),
    ...(skipIf === null ? [] : ofProbe(skipIf)),
    ...ofVerb(step),
    ...(undo?.kind === 'run' ? ofCommand(undo.command, true) : []),
    ...(undo?.kind === 'do' ? given(undo.action.with) : []),
    ...(undo?.kind === 'manual' ? templates(undo.text) : []),
  ];
}

/** Texts that are filled in once the step has failed. */
export function usesOnFail(handler: OnFail | null): readonly Use[] {
  return handler?.kind === 'stop' ? templates(handler.message) : [];
}

/** Templates inside a value of the file. */
export function within(value: unknown): readonly Use[] {
  if (typeof value === 'string') return templates(value);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(within) : [];
}

function given(value: unknown): readonly Use[] {
  return within(value).map((use) => (use.kind === 'template' ? { ...use, given: true } : use));
}

export function templates(...texts: readonly (string | null)[]): readonly Use[] {
  return texts.flatMap((text) => (text === null ? [] : [{ kind: 'template', text } as const]));
}

function ofVerb(step: Step): readonly Use[] {
  switch (step.verb) {
    case 'check':
      return [...ofProbe(step.probe), ...expression(step.expect, factsOfProbe[step.probe.kind])];
    case 'wait':
      return [...ofProbe(step.probe), ...templates(step.every, step.hold), ...expression(step.until, factsOfProbe[step.probe.kind])];
    case 'run':
      return [...ofCommand(step.command, true), ...(step.preview === null ? [] : ofCommand(step.preview))];
    case 'do':
      return given(step.action.with);
    case 'play':
      return within(step.with);
    case 'choose':
      return templates(step.question, ...step.options.map(({ label }) => label));
    case 'branch':
      return step.arms.flatMap((arm) => expression(arm.when, []));
    case 'approve':
      return templates(step.question);
    case 'tell':
      return templates(step.text, step.to);
    case 'manual':
    case 'stop':
      return templates(step.text);
    case 'each':
      return [...expression(step.in, []), ...templates(step.pause), ...within(step.batches), ...within(step.stopAfter)];
    case 'sleep':
      return templates(step.duration);
    case 'ask':
    case 'section':
    case 'no_return':
      return [];
    default:
      return step satisfies never;
  }
}

function ofProbe(probe: Probe): readonly Use[] {
  switch (probe.kind) {
    case 'command':
      return ofCommand(probe.command);
    case 'http':
      return templates(probe.url, probe.hostHeader);
    case 'port':
      return templates(String(probe.port));
    case 'service':
      return templates(probe.service);
    case 'pool':
      return templates(probe.pool, probe.except);
    case 'dns':
      return templates(probe.name);
    case 'metric':
      return templates(probe.metric);
    case 'alert':
      return templates(probe.alert);
    default:
      return probe satisfies never;
  }
}

function ofCommand(command: Command, change = false): readonly Use[] {
  if (typeof command === 'string') return [{ kind: 'command', text: command, shell: true, change, whole: command }];
  return command.map((text) => ({ kind: 'command', text, shell: false, change, whole: command }) as const);
}

function expression(text: string | null, facts: readonly string[]): readonly Use[] {
  return text === null ? [] : [{ kind: 'expression', text, facts }];
}
