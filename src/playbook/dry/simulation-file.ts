import * as z from 'zod';
import { FleetReader, isMap } from '../../config/fleet-reader.ts';
import { didYouMean } from '../../config/nearest.ts';
import type { Problem } from '../../config/problem.ts';
import { SourceText } from '../../config/source-text.ts';
import { quoted, valueInWords } from '../../config/visible.ts';
import type { Path } from '../../config/yaml-data.ts';
import { readYaml } from '../../config/yaml-tree.ts';
import type { JsonValue } from '../../journal/entry.ts';
import { problemsOf } from '../parse-playbook.ts';
import type { Playbook } from '../playbook.ts';
import { stepsWithin } from '../runs.ts';
import { innerAddress } from './step-key.ts';

/*
 * Recorded tests of one playbook: what its steps would find, what a person would answer, and what must come of it. Everything stands under
 * the address of its step; `docs/playbooks.md` has the format in words.
 */

const line = z.union([z.string(), z.number(), z.boolean()], { error: 'must be a word or a number' }).transform(String);
const listOf = z.union([line, z.array(line)], { error: 'must be a word or a list of words' });

/** What a person answers: a word (`go`, `hung`, `ann`), or a map (`{ skip: why }`, the values of an `ask`). */
const answer = z.union([line, z.record(z.string(), listOf)], { error: 'must be a word or a map' });

/** What a step finds: a word, or the facts of its probe. */
const finding = z.union([z.enum(['ok', 'already', 'failed', 'unreachable', 'timeout', 'unknown']), z.record(z.string(), z.json())], {
  error: 'must be ok, already, failed, unreachable, timeout, unknown or a map of what is found',
});

/** What a test says; at the top of the file, what holds for every test that says nothing else. */
const given = {
  inputs: z.record(z.string(), listOf).optional(),
  answers: z.record(z.string(), z.union([answer, z.array(answer).min(1)], { error: 'must be an answer or a list of them' })).optional(),
  world: z.record(z.string(), z.union([finding, z.array(finding).min(1)], { error: 'must be a finding or a list of them' })).optional(),
};

const testSchema = z.strictObject({
  name: z.string().min(1),
  ...given,
  abort_before: z.string().optional(),
  expect: z.strictObject({
    result: z.enum(['ok', 'failed', 'escalated', 'aborted', 'undone', 'undo_failed']),
    path: z.array(line).optional(),
    told: z.array(line).optional(),
    sent: z.array(line).optional(),
    undone: z.array(line).optional(),
    debts: z.array(line).optional(),
  }),
});

const headSchema = z.strictObject({
  playbook: z.string(),
  hosts: z.record(z.string(), z.array(line)).optional(),
  ...given,
  tests: z.array(z.unknown()).min(1),
});

export type GivenAnswer = z.output<typeof answer>;
export type GivenFinding = string | Readonly<Record<string, JsonValue>>;

/** One recorded test. */
export interface SimulatedTest {
  readonly name: string;
  /** As a person would type them. */
  readonly inputs: Readonly<Record<string, string>>;
  /** By step address; of a list one after another. */
  readonly answers: Readonly<Record<string, readonly GivenAnswer[]>>;
  /** Address of the step before which a person calls the run off. */
  readonly abortBefore: string | null;
  /** By step address; of a list one after another, the last one for ever. */
  readonly world: Readonly<Record<string, readonly GivenFinding[]>>;
  readonly expect: z.output<typeof testSchema>['expect'];
  /** 1-based place in the file. */
  readonly at: { readonly line: number; readonly column: number };
}

export interface SimulationFile {
  readonly playbook: string;
  /** Names that the `from` of an input allows. */
  readonly hosts: Readonly<Record<string, readonly string[]>>;
  readonly tests: readonly SimulatedTest[];
  /** Path as it is shown. */
  readonly file: string;
}

export type SimulationResult =
  | { readonly ok: true; readonly simulation: SimulationFile }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * The text of a file of recorded tests, or everything that is wrong with it, with its place.
 * @param playbooks by id: the playbooks of the folder, whose steps the tests must name
 */
export function parseSimulation(text: string, file: string, playbooks: ReadonlyMap<string, Playbook>): SimulationResult {
  const source = new SourceText(text);
  const { tree, findings } = readYaml(source);
  if (tree === null) return { ok: false, problems: problemsOf(findings, source, file) };
  if (!isMap(tree.data)) {
    const message = tree.data === null ? 'The file is empty.' : `The file must be a map of keys, not ${valueInWords(tree.data)}.`;
    const finding = { span: tree.span([], 'value'), message, remedy: 'Begin with "playbook: NAME".' };
    return { ok: false, problems: problemsOf([...findings, finding], source, file) };
  }
  const reader = new FleetReader(tree.data);
  const head = reader.read(headSchema, tree.data, []);
  const playbook = head === undefined ? undefined : playbooks.get(head.playbook);
  if (head !== undefined && playbook === undefined)
    reader.complain(
      ['playbook'],
      'value',
      `There is no playbook ${quoted(head.playbook)} in the folder above.`,
      didYouMean(head.playbook, [...playbooks.keys()]),
    );
  const known = playbook === undefined ? null : addressesOf(playbook, playbooks);
  if (known !== null && head !== undefined) complainOfSteps(reader, [], head, known);
  const names = new Set<string>();
  const tests = (head?.tests ?? []).flatMap((value, index): SimulatedTest[] => {
    const path: Path = ['tests', index];
    const given = reader.read(testSchema, value, path);
    if (given === undefined) return [];
    if (names.has(given.name)) reader.complain([...path, 'name'], 'value', `Two tests are named ${quoted(given.name)}.`, 'Name each once.');
    names.add(given.name);
    if (known !== null) complainOfSteps(reader, path, given, known);
    const inputs = { ...head?.inputs, ...given.inputs };
    return [
      {
        name: given.name,
        inputs: Object.fromEntries(Object.entries(inputs).map(([name, each]) => [name, [each].flat().join(' ')])),
        answers: listsOf<GivenAnswer>(overlaid(head?.answers ?? {}, given.answers ?? {})),
        abortBefore: given.abort_before ?? null,
        world: listsOf<GivenFinding>(overlaid(head?.world ?? {}, given.world ?? {})),
        expect: given.expect,
        at: source.positionAt(tree.span(path, 'key').start),
      },
    ];
  });
  const complaints = reader.complaints.map((complaint) => ({ ...complaint, span: tree.span(complaint.path, complaint.at) }));
  if (findings.length > 0 || complaints.length > 0 || head === undefined)
    return { ok: false, problems: problemsOf([...findings, ...complaints], source, file) };
  return { ok: true, simulation: { playbook: head.playbook, hosts: head.hosts ?? {}, tests, file } };
}

/** What holds for every test, but for the steps that this test speaks of itself. */
function overlaid<Value>(usual: Readonly<Record<string, Value>>, own: Readonly<Record<string, Value>>): Record<string, Value> {
  const rest = Object.entries(usual).filter(([key]) => own[innerAddress(key)] === undefined);
  return { ...Object.fromEntries(rest), ...own };
}

function listsOf<Value extends string | object>(
  given: Readonly<Record<string, Value | readonly Value[]>>,
): Record<string, readonly Value[]> {
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, isList(value) ? value : [value]]));
}

function isList<Value>(value: Value | readonly Value[]): value is readonly Value[] {
  return Array.isArray(value);
}

/** Addresses of all steps that a run of the playbook can reach, those of the playbooks it plays too. */
function addressesOf(playbook: Playbook, playbooks: ReadonlyMap<string, Playbook>): ReadonlySet<string> {
  const addresses = new Set<string>();
  const seen = new Set<string>();
  const open = [playbook];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next.id)) continue;
    seen.add(next.id);
    for (const step of [...next.steps, ...next.finally].flatMap(stepsWithin)) {
      addresses.add(step.address);
      const played = step.verb === 'play' ? playbooks.get(step.playbook) : undefined;
      if (played !== undefined) open.push(played);
    }
  }
  return addresses;
}

interface Named {
  readonly answers?: object | undefined;
  readonly world?: object | undefined;
  readonly abort_before?: string | undefined;
  readonly expect?: z.output<typeof testSchema>['expect'];
}

/** A misspelt step would be answered by nothing, and the test would pass for it. */
function complainOfSteps(reader: FleetReader, path: Path, given: Named, known: ReadonlySet<string>): void {
  const check = (key: string, at: Path, where: 'key' | 'value'): void => {
    const address = innerAddress(key).replace(/\.(skip_if|undo)$/, '');
    if (known.has(address)) return;
    reader.complain(at, where, `No step ${quoted(address)} is in this playbook.`, didYouMean(address, [...known]));
  };
  for (const part of ['answers', 'world'] as const)
    for (const key of Object.keys(given[part] ?? {})) check(key, [...path, part, key], 'key');
  if (given.abort_before !== undefined) check(given.abort_before, [...path, 'abort_before'], 'value');
  for (const part of ['path', 'undone', 'debts'] as const)
    for (const [index, key] of (given.expect?.[part] ?? []).entries()) check(key, [...path, 'expect', part, index], 'value');
}
