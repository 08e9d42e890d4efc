import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { parse } from 'yaml';
import { parseFleet } from '../../src/config/parse-fleet.ts';
import { headSchema, inputSchema, probeSchema, stepSchema, suggestSchema, verbs } from '../../src/playbook/file-schema.ts';
import { readPlaybookFile, type PlaybookFile } from '../../src/playbook/library.ts';
import { lintPlaybook } from '../../src/playbook/lint.ts';
import { stepsWithin } from '../../src/playbook/runs.ts';
import { parsePlaybook } from '../../src/playbook/parse-playbook.ts';
import type { Answer } from '../../src/playbook/run/question.ts';
import { RecordedHands, RecordedWorld, runOf, said, ScriptedPerson } from './recorded-world.ts';

const folder = join(import.meta.dirname, 'fixtures');
const fileOf = (name: string): PlaybookFile => {
  const text = readFileSync(join(folder, name), 'utf8');
  const parsed = parsePlaybook(text, name);
  if (!parsed.ok) throw new Error(parsed.problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return { playbook: parsed.playbook, text, file: name };
};
const page = fileOf('every-verb.yaml');
const part = fileOf('every-verb-part.yaml');
const json = z.record(z.string(), z.json());

/** Every map inside a value that stands under one of these keys; of a list, each of its maps. */
function mapsUnder(value: unknown, keys: readonly string[]): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap((each) => mapsUnder(each, keys));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) => [
    ...(keys.includes(key) ? [below].flat().flatMap((each) => (typeof each === 'object' && each !== null ? [{ ...each }] : [])) : []),
    ...mapsUnder(below, keys),
  ]);
}

const tree = json.parse(parse(page.text));
const steps = mapsUnder(tree, ['steps', 'finally', 'on_fail', 'on_unreachable']);
const used = (maps: readonly Record<string, unknown>[]): Set<string> => new Set(maps.flatMap(Object.keys));
const values = (key: string): unknown[] => steps.flatMap((step) => (step[key] === undefined ? [] : [step[key]]));
test('the page uses every verb, every flag and every form of the format', () => {
  expect(verbs.filter((verb) => !used(steps).has(verb))).toEqual([]);
  expect(Object.keys(stepSchema.shape).filter((key) => !used(steps).has(key))).toEqual([]);
  expect(Object.keys(headSchema.shape).filter((key) => !(key in tree))).toEqual([]);
  expect(Object.keys(suggestSchema.shape).filter((key) => !used(mapsUnder(tree, ['suggest'])).has(key))).toEqual([]);
  const { risk, rerun, evidence } = stepSchema.shape;
  for (const [key, schema] of Object.entries({ risk, rerun, evidence }))
    expect([key, schema.unwrap().options.filter((value) => !values(key).includes(value))]).toEqual([key, []]);
  const fields = [...values('ask'), tree['inputs']].flatMap((each) => Object.values(json.parse(each)).map((field) => json.parse(field)));
  expect(Object.keys(inputSchema.shape).filter((key) => !used(fields).has(key))).toEqual([]);
  const types = inputSchema.shape.type.options;
  expect(types.filter((type) => !values('ask').some((ask) => JSON.stringify(ask).includes(`"type":"${type}"`)))).toEqual([]);
  const probes = [...values('check'), ...values('wait')];
  const [, subjects] = probeSchema.options;
  expect(
    Object.keys(subjects.shape).filter(
      (key) => !used(probes.flatMap((probe) => (typeof probe === 'object' ? [{ ...probe }] : []))).has(key),
    ),
  ).toEqual([]);
  expect(probes.some((probe) => typeof probe === 'string')).toBe(true);
});

test('the page uses every form of undo, on_fail and on_unreachable', () => {
  const all = [...page.playbook.steps, ...page.playbook.finally].flatMap(stepsWithin);
  const kinds = (read: (step: (typeof all)[number]) => { readonly kind: string } | null): string[] =>
    [...new Set(all.flatMap((step) => read(step)?.kind ?? []))].toSorted();
  expect(kinds((step) => step.undo)).toEqual(['auto', 'do', 'manual', 'none', 'run']);
  expect(kinds((step) => step.onFail)).toEqual(['ask', 'continue', 'steps', 'stop', 'undo']);
  expect(kinds((step) => step.onUnreachable)).toEqual(['ask', 'continue', 'steps', 'stop', 'undo']);
  expect(all.filter((step) => step.verb === 'run').map((step) => typeof step.command)).toEqual(
    expect.arrayContaining(['string', 'object']),
  );
});

test('the page lints clean against the fleet that it runs on', async () => {
  const path = join(import.meta.dirname, '..', '..', 'config', 'demo.yaml');
  const fleet = parseFleet(readFileSync(path, 'utf8'), path, '/home/ann');
  if (!fleet.ok) throw new Error(fleet.problems.map(({ message }) => message).join('\n'));
  const library = { folder, files: [page, part], problems: [] };
  const around = { fleet: fleet.fleet, library, nowMs: Date.parse('2026-11-23T00:00:00Z') };
  expect([page, part].flatMap((file) => lintPlaybook(file, around)).map(({ line, message }) => `${line}: ${message}`)).toEqual([]);
  expect((await readPlaybookFile(join(folder, 'every-verb.yaml'))).ok).toBe(true);
});

test('the page is walked to its end', async () => {
  const world = new RecordedWorld();
  const facts = (words: string, found: Record<string, string | number | boolean | string[]>): void =>
    void world.probes.set(words, { kind: 'facts', facts: found, holds: true, text: words });
  world.probes.set("ss -Hltn 'sport = :8816'", said('LISTEN'));
  facts('GET http://localhost/load/first as pencil.io', { status: 200, body: '', ms: 3 });
  facts('port 8816', { open: true });
  facts('service nginx', { state: 'running' });
  facts('pool web without web1', { healthy: 1, total: 1 });
  facts('DNS localhost', { addresses: ['127.0.0.1'] });
  facts('metric cpu', { value: 12.5 });
  facts('alert web-every-verb', { firing: false });
  world.probes.set('false', said('', 1));
  const given = {
    one: 'web1',
    some: ['web2'],
    words: "it's",
    whole: 3,
    part: 0.5,
    sure: true,
    colour: 'red',
    long: '5m',
    pin: 'pin-4711',
    page_at: 'https://example.org/',
    version: '',
  };
  const answers: Record<string, Answer> = {
    'ask answers': { kind: 'values', values: given },
    'choose way': { kind: 'option', name: 'left' },
    'approve signed': { kind: 'approve', who: 'bob' },
    'manual hand': { kind: 'done' },
  };
  const { run, entries } = runOf({
    playbook: page.playbook,
    others: [part.playbook],
    hands: new RecordedHands(world),
    person: new ScriptedPerson(answers),
    inputs: { node: 'web1', nodes: ['web1', 'web2'], token: 'canary', kind: 'small' },
  });
  const view = await run.done;
  expect(view.phase).toMatchObject({ phase: 'closed', result: 'ok', message: 'Everything was tried on web1.' });
  expect(view.steps.filter((step) => step.state !== 'ok').map((step) => `${step.address} ${step.state}`)).toEqual([]);
  expect(world.told).toEqual(['left', 'as expected on web1', 'the part is over', 'the page is over']);
  expect(world.sent).toEqual([
    'pool.depool web web1',
    'maintenance.on web1',
    `web1: echo 'it'\\''s' && hostname`,
    `web1: echo 'it'\\''s' 'a b'`,
    'web1: printf %s "$QD_SECRET_answers_pin" | wc -c',
    'pool.repool web web1',
  ]);
  expect(view.debts.map(({ id }) => id)).toEqual(['quiet']);
  for (const text of [JSON.stringify(entries), JSON.stringify(view)]) expect(text).not.toMatch(/canary|pin-4711/);
});
