import type { FleetReader } from '../config/fleet-reader.ts';
import { didYouMean } from '../config/nearest.ts';
import { quoted } from '../config/visible.ts';
import type { Path } from '../config/yaml-data.ts';
import { type GivenStep, stepSchema, verbs } from './file-schema.ts';
import type { Input, OnFail, Probe, Step, Undo } from './playbook.ts';
import { inputsOf } from './read-inputs.ts';

/** Place of a path in the text, both from 1. */
export type PlaceOf = (path: Path) => { readonly line: number; readonly column: number };

/** Reads the lists of steps of one playbook; complaints gather in `reader`. */
export class StepReader {
  readonly #reader: FleetReader;
  readonly #placeOf: PlaceOf;
  readonly #addresses = new Set<string>();

  constructor(reader: FleetReader, placeOf: PlaceOf) {
    this.#reader = reader;
    this.#placeOf = placeOf;
  }

  /** Every step that could be read; `prefix` begins the addresses of those without an id. */
  steps(given: readonly unknown[], path: Path, prefix: string): Step[] {
    return given.flatMap((value, index) => this.#step(value, [...path, index], `${prefix}${prefix === '' ? '' : '.'}${index + 1}`) ?? []);
  }

  #step(value: unknown, path: Path, place: string): Step | null {
    const given = this.#reader.read(stepSchema, value, path);
    if (given === undefined) return null;
    const verb = this.#verbOf(given, path);
    if (verb === null) return null;
    if (given.id !== undefined && this.#addresses.has(given.id)) {
      this.#reader.complain([...path, 'id'], 'value', `The id ${quoted(given.id)} is given twice.`, 'Name each step once.');
    }
    const address = given.id ?? place;
    this.#addresses.add(address);
    return this.#made(given, verb, path, address);
  }

  /** Undefined keys aside, exactly one of them is a verb; `timeout` and the like are needed where the format says so. */
  #verbOf(given: GivenStep, path: Path): (typeof verbs)[number] | null {
    // `stop` is also a key of `on_fail`, and `steps` belongs to two verbs: only the verb keys themselves count here.
    const found = verbs.filter((key) => given[key] !== undefined);
    const [verb, second] = found;
    if (verb === undefined) {
      const near = Object.keys(given).find((key) => didYouMean(key, verbs) !== null);
      this.#reader.complain(
        path,
        'key',
        'This step does nothing: it has no verb.',
        `${near === undefined ? '' : `${quoted(near)} is near. `}Give it one of ${verbs.join(', ')}.`,
      );
      return null;
    }
    if (second !== undefined) {
      this.#reader.complain([...path, second], 'key', `This step has both ${quoted(verb)} and ${quoted(second)}.`, 'One verb a step.');
      return null;
    }
    for (const [key, users] of belongings) {
      if (given[key] === undefined || users.includes(verb)) continue;
      this.#reader.complain(
        [...path, key],
        'key',
        `${quoted(key)} says nothing in a ${quoted(verb)} step.`,
        `It belongs to ${users.join(', ')}.`,
      );
    }
    return verb;
  }

  #missing(path: Path, key: string, why: string): void {
    this.#reader.complain([...path, key], 'key', `${quoted(key)} is missing from this step: ${why}.`);
  }

  #made(given: GivenStep, verb: (typeof verbs)[number], path: Path, address: string): Step | null {
    const base = {
      address,
      id: given.id ?? null,
      why: given.why ?? null,
      host: given.host ?? null,
      when: given.when ?? null,
      save: given.save ?? null,
      secretOutput: given.secret_output ?? false,
      evidence: given.evidence ?? 'keep',
      risk: given.risk ?? (verb === 'run' || verb === 'do' ? 'change' : 'safe'),
      rerun: given.rerun ?? 'ask',
      skipIf: given.skip_if === undefined ? null : this.#probe(given.skip_if, [...path, 'skip_if'], given.host),
      timeout: given.timeout ?? null,
      retry:
        given.retry === undefined ? null : { times: given.retry.times, wait: given.retry.wait ?? null, backoff: given.retry.backoff ?? 1 },
      onFail: this.#onFail(given.on_fail, [...path, 'on_fail'], `${address}.on_fail`),
      onUnreachable: this.#onFail(given.on_unreachable, [...path, 'on_unreachable'], `${address}.on_unreachable`),
      undo: given.undo === undefined ? null : undoOf(given.undo),
      temporary: given.temporary ?? false,
      settles: given.settles ?? null,
      leave: given.leave ?? null,
      at: this.#placeOf(path),
    } as const;
    const sub = (steps: readonly unknown[] | undefined, at: Path, name: string): Step[] =>
      steps === undefined ? [] : this.steps(steps, at, `${address}.${name}`);
    switch (verb) {
      case 'check': {
        const probe = this.#probe(given.check, [...path, 'check'], given.host);
        return probe && { ...base, verb, probe, expect: given.expect ?? null };
      }
      case 'wait': {
        const probe = this.#probe(given.wait, [...path, 'wait'], given.host);
        if (given.timeout === undefined) this.#missing(path, 'timeout', 'nothing waits for ever');
        if (probe === null || given.timeout === undefined) return null;
        return {
          ...base,
          verb,
          probe,
          until: given.until ?? null,
          every: given.every ?? '5s',
          hold: given.hold ?? null,
          timeout: given.timeout,
        };
      }
      case 'run': {
        if (given.host === undefined) this.#missing(path, 'host', 'a command runs somewhere');
        if (given.timeout === undefined) this.#missing(path, 'timeout', 'nothing waits for ever');
        if (given.undo === undefined) this.#missing(path, 'undo', 'say how it is taken back, or none and why');
        if (given.run === undefined || given.host === undefined || given.timeout === undefined || given.undo === undefined) return null;
        return { ...base, verb, command: given.run, preview: given.preview ?? null, host: given.host, timeout: given.timeout };
      }
      case 'do':
        return { ...base, verb, action: { action: given.do ?? '', with: given.with ?? {} } };
      case 'manual':
        return { ...base, verb, text: given.manual ?? '' };
      case 'ask':
        return { ...base, verb, fields: this.#fields(given.ask ?? {}, [...path, 'ask']) };
      case 'choose': {
        if (given.options === undefined) this.#missing(path, 'options', 'a choice needs some');
        const options = Object.entries(given.options ?? {}).map(([name, option]) => ({
          name,
          label: option.label,
          steps: sub(option.steps, [...path, 'options', name, 'steps'], name),
        }));
        return { ...base, verb, question: given.choose ?? '', options };
      }
      case 'branch': {
        const arms = (given.branch ?? []).map((arm, index) => {
          const at: Path = [...path, 'branch', index];
          if ((arm.when === undefined) === (arm.else === undefined))
            this.#reader.complain(at, 'key', 'An arm of a branch says either "when" or "else: true".', 'Give it one of the two.');
          return { when: arm.when ?? null, why: arm.why ?? null, steps: sub(arm.steps, [...at, 'steps'], String(index + 1)) };
        });
        return { ...base, verb, arms };
      }
      case 'approve':
        return { ...base, verb, question: given.approve ?? '', by: given.by ?? null, count: given.count ?? 1 };
      case 'tell':
        return { ...base, verb, text: given.tell ?? '', to: given.to ?? null };
      case 'play':
        return { ...base, verb, playbook: given.play ?? '', with: given.with ?? {} };
      case 'each': {
        const { each } = given;
        if (given.steps === undefined) this.#missing(path, 'steps', 'a loop does something');
        if (each === undefined) return null;
        return {
          ...base,
          verb,
          variable: each.var,
          in: each.in,
          batches: each.batch === undefined ? [1] : [each.batch].flat(),
          pause: each.pause ?? null,
          confirm: each.confirm ?? 'each-batch',
          stopAfter: each.stop_after ?? null,
          steps: sub(given.steps, [...path, 'steps'], 'each'),
        };
      }
      case 'section': {
        if (given.steps === undefined) this.#missing(path, 'steps', 'a section holds some');
        return { ...base, verb, title: given.section ?? '', steps: sub(given.steps, [...path, 'steps'], 'in') };
      }
      case 'no_return':
        return { ...base, verb, text: given.no_return ?? '' };
      case 'sleep':
        return { ...base, verb, duration: given.sleep ?? '0s' };
      case 'stop':
        return { ...base, verb, text: given.stop ?? '', result: given.result ?? 'failed' };
    }
  }

  #fields(given: NonNullable<GivenStep['ask']>, path: Path): Input[] {
    return inputsOf(this.#reader, given, path);
  }

  #onFail(given: GivenStep['on_fail'], path: Path, prefix: string): OnFail | null {
    if (given === undefined) return null;
    if (given === 'stop') return { kind: 'stop', message: null, result: 'failed' };
    if (typeof given === 'string') return { kind: given };
    if (Array.isArray(given)) return { kind: 'steps', steps: this.steps(given, path, prefix) };
    return { kind: 'stop', message: given.stop, result: given.result ?? 'failed' };
  }

  #probe(given: GivenStep['check'], path: Path, host: string | undefined): Probe | null {
    if (given === undefined) return null;
    if (typeof given === 'string') {
      if (host === undefined)
        this.#reader.complain(
          path,
          'value',
          'A command runs on a host, and this step names none.',
          'Add "host:", or ask by http, port, pool or the like.',
        );
      return { kind: 'command', command: given };
    }
    const subjects = probeSubjects.filter((key) => given[key] !== undefined);
    const [subject, second] = subjects;
    if (subject === undefined || second !== undefined) {
      this.#reader.complain(path, 'value', `A probe asks one thing: one of ${probeSubjects.join(', ')}.`, 'Make a step of each.');
      return null;
    }
    if (given.host !== undefined && subject !== 'http')
      this.#reader.complain(
        [...path, 'host'],
        'key',
        '"host" inside a probe is the Host header of http.',
        'The machine is the step’s own "host:".',
      );
    if (given.except !== undefined && subject !== 'pool')
      this.#reader.complain([...path, 'except'], 'key', '"except" belongs to a pool.', 'Take it away, or ask { pool: … }.');
    const { http, port, service, pool, dns, metric, alert } = given;
    if (http !== undefined) return { kind: 'http', url: http, hostHeader: given.host ?? null };
    if (port !== undefined) return { kind: 'port', port };
    if (service !== undefined) return { kind: 'service', service };
    if (pool !== undefined) return { kind: 'pool', pool, except: given.except ?? null };
    if (dns !== undefined) return { kind: 'dns', name: dns };
    return metric === undefined ? { kind: 'alert', alert: alert ?? '' } : { kind: 'metric', metric };
  }
}

const probeSubjects = ['http', 'port', 'service', 'pool', 'dns', 'metric', 'alert'] as const;

/** Keys that only some verbs understand. */
const belongings: readonly (readonly [keyof GivenStep, readonly string[]])[] = [
  ['expect', ['check']],
  ['until', ['wait']],
  ['every', ['wait']],
  ['hold', ['wait']],
  ['preview', ['run']],
  ['with', ['do', 'play']],
  ['options', ['choose']],
  ['by', ['approve']],
  ['count', ['approve']],
  ['to', ['tell']],
  ['steps', ['each', 'section']],
  ['result', ['stop']],
  ['undo', ['run', 'do', 'manual']],
  ['retry', ['check', 'run', 'do']],
  ['temporary', ['run', 'do', 'manual']],
  ['settles', ['run', 'do', 'manual', 'wait', 'check']],
];

function undoOf(given: NonNullable<GivenStep['undo']>): Undo {
  if (typeof given === 'string') return { kind: given };
  if ('do' in given) return { kind: 'do', action: { action: given.do, with: given.with ?? {} } };
  if ('run' in given) return { kind: 'run', command: given.run };
  return { kind: 'manual', text: given.manual };
}
