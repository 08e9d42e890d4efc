import { unknown } from '../expression.ts';
import { readInputs } from '../inputs.ts';
import type { Input, Playbook, Step } from '../playbook.ts';
import { fill } from '../template.ts';
import { Left, Stop, UndoAsked } from './control.ts';
import { filledIn, firstNames, type Frame, inner, keptInPool, scopeOf } from './frame.ts';
import { withinLimitOf } from './limits.ts';
import type { Run } from './run.ts';

const deepestPlay = 8;

type PlayStep = Extract<Step, { verb: 'play' }>;
type Names = Readonly<Record<string, unknown>>;

/**
 * Another playbook inside this one: same run, same journal, same dry level, names of its own. Its locks are claimed in addition and given
 * back at its end; of its limits and those around it the stricter hold; its last steps are done whatever happened.
 */
export async function play(run: Run, frame: Frame, step: PlayStep): Promise<void> {
  const key = frame.prefix + step.address;
  const { now } = run.parts.hands;
  run.progress.begin(key, null, now());
  if (key.split('>').length > deepestPlay) throw new Stop('failed', `${step.playbook} is played inside itself, or too deep`);
  const other = run.parts.others.get(step.playbook);
  if (other === undefined) throw new Stop('failed', `there is no playbook ${step.playbook} to go on with`);
  const names = firstNames(other, await inputsOf(run, frame, step, key, other));
  const keepInPool = [...frame.keepInPool, ...keptInPool(other, names)];
  const inside: Frame = { ...inner(frame, `${key}>`), playbook: other, names, keepInPool };
  run.progress.reach(key, [...other.steps, ...other.finally], inside.prefix);
  const locks = other.locks.map((lock) => fill(lock, scopeOf(inside)).text);
  try {
    await locked(run, key, other, locks, () => toItsEnd(run, inside, key, other));
  } catch (error) {
    run.progress.end(key, 'failed', now(), error instanceof Error ? run.mask(error.message) : null);
    throw error;
  }
  run.progress.end(key, 'ok', now(), null);
}

async function locked(run: Run, key: string, other: Playbook, locks: readonly string[], walk: () => Promise<void>): Promise<void> {
  if (locks.length === 0) return walk();
  const { hands } = run.parts;
  await claim(run, key, other, locks);
  run.recordLocks();
  let left = false;
  try {
    await walk();
  } catch (error) {
    left = error instanceof Left;
    throw error;
  } finally {
    // A run that stands still keeps its locks in the journal: the next console takes them over.
    if (!left) await hands.release(locks);
  }
  run.recordLocks();
}

/** Somebody's lock is a person's to wait for, or to break; without anybody the run fails. */
async function claim(run: Run, key: string, other: Playbook, locks: readonly string[]): Promise<void> {
  const { hands, person, playbook, id } = run.parts;
  for (let breakFor: string | null = null; ; ) {
    const held = await hands.claim(locks, run.mask(`${other.id}, played by ${playbook.id}`), id, breakFor);
    if (held === null) return;
    if (!person.attended) throw new Stop('failed', held);
    const question = { kind: 'failed', address: key, title: other.title, outcome: 'failed', evidence: [] } as const;
    const answer = await run.ask(
      `${key}?`,
      { ...question, summary: run.mask(held), may: ['retry', 'break', 'undo', 'stop'] },
      { remember: false },
    );
    if (answer.kind === 'undo') throw new UndoAsked(held, 'person');
    if (answer.kind !== 'retry' && answer.kind !== 'break') throw new Stop('failed', held, true);
    breakFor = answer.kind === 'break' ? answer.reason : null;
  }
}

/** Its good end is the step's own; anything else is the whole run's, once its last steps are done. */
async function toItsEnd(run: Run, inside: Frame, key: string, other: Playbook): Promise<void> {
  let failure: unknown = null;
  let watched = (): void => {};
  try {
    watched = await withinLimitOf(run, inside, key);
    await run.walk(inside, other.steps);
  } catch (error) {
    if (error instanceof Left) throw error;
    if (!(error instanceof Stop && error.result === 'ok')) failure = error;
  } finally {
    watched();
  }
  const fault = await run.lastly(inside, other.finally);
  if (failure !== null) throw failure;
  if (fault !== null) throw new Stop('failed', `the last steps of ${other.id}: ${fault}`);
  run.check();
}

/** What `with` gives, read as a person's answers are: types, patterns and hosts hold here too. What is still missing is asked for. */
async function inputsOf(run: Run, frame: Frame, step: PlayStep, key: string, other: Playbook): Promise<Names> {
  const given = Object.entries(step.with).map(([name, value]) => [name, filledIn(value, scopeOf(frame))] as const);
  const empty = given.find(([, value]) => Array.isArray(value) && value.length === 0);
  if (empty !== undefined) throw new Stop('failed', `${step.address}: ${empty[0]} is empty: an empty set is an error, never "all"`);
  const open = given.filter(([, value]) => value === unknown);
  const missing = other.inputs.filter(
    (input) => !input.optional && input.fallback === null && !given.some(([name, value]) => name === input.name && wordsOf(value) !== ''),
  );
  const answered = await askedFor(run, key, missing);
  const left = new Set([...open.map(([name]) => name), ...Object.keys(answered)]);
  const texts = Object.fromEntries(given.flatMap(([name, value]) => (left.has(name) ? [] : [[name, wordsOf(value)] as const])));
  const read = readInputs(
    other.inputs.filter(({ name }) => !left.has(name)),
    texts,
    (from) => run.parts.hands.hostsFrom(from),
  );
  if (!read.ok) {
    const wrong = Object.entries(read.wrong).map(([name, why]) => `${name} ${why}`);
    throw new Stop('failed', run.mask(`${step.address}: ${other.id} cannot be played: ${wrong.join('; ')}`));
  }
  const all: Names = { ...read.values, ...Object.fromEntries(open), ...answered };
  for (const input of other.inputs) if (input.type === 'secret') run.hide(all[input.name], `${key}_${input.name}`);
  return all;
}

function wordsOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(' ');
  return typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value);
}

async function askedFor(run: Run, key: string, fields: readonly Input[]): Promise<Names> {
  if (fields.length === 0) return {};
  if (run.level === 'check') return Object.fromEntries(fields.map((field) => [field.name, unknown]));
  const remember = fields.every((field) => field.type !== 'secret');
  const answer = await run.ask(key, { kind: 'ask', address: key, fields }, { remember });
  if (answer.kind !== 'values') throw new Stop('failed', `${key}: no answer`);
  for (const field of fields) if (field.type === 'secret') run.hide(answer.values[field.name], `${key}_${field.name}`);
  return answer.values;
}
