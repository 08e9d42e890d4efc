import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import { type Library, noLibrary, type PlaybookFile } from '../../src/playbook/library.ts';
import { keptOf } from '../../src/playbook/live/kept-in-pool.ts';
import type { Playbook } from '../../src/playbook/playbook.ts';
import { Runs } from '../../src/playbook/runs.ts';
import { head, playbookOf, RecordedHands, RecordedWorld, runOf, ScriptedPerson } from './recorded-world.ts';
import { failing, resultOf, see, walked, yaml } from './walked.ts';

const other = (more: string): Playbook => playbookOf(`${head.replace('playbook: x', 'playbook: y')}${more}`);

describe('a playbook played by another', () => {
  const inner =
    'finally: [{ id: bye, tell: bye }]\nlock: ["node:{{ node }}"]\nlimits: { keep_in_pool: "{{ share }}%" }\ninputs: { node: { type: host, from: web }, share: { type: int, default: 50 } }\nsteps:\n';
  const depool = '  - { id: d, do: pool.depool, with: { pool: web, node: "{{ node }}" }, undo: none, why: w }\n';
  const plays = yaml(
    '  - { id: p, play: y, with: { node: "{{ n }}" } }\n  - { id: end, tell: end }\n',
    'lock: ["pool:web"]\nlimits: { keep_in_pool: 1 }\n',
  );

  test('holds its own locks as long as it goes, keeps both limits, and does its last steps', async () => {
    const { result, world } = await walked(plays, new RecordedWorld(), { inputs: { n: 'web2' }, others: [other(inner + depool)] });
    expect([result, world.locks, world.told]).toEqual(['ok', ['+pool:web', '+node:web2', '-node:web2'], ['bye', 'end']]);
    expect(world.kept).toEqual([['1', '50%']]);
  });

  test('does its last steps and gives its locks back also when it fails or is called off', async () => {
    const failed = await walked(plays, failing(), { inputs: { n: 'web2' }, others: [other(inner + see('stop'))] });
    expect([failed.result, failed.world.told, failed.world.locks.at(-1)]).toEqual(['failed', ['bye'], '-node:web2']);
    const world = new RecordedWorld();
    const { run } = runOf({
      playbook: plays,
      inputs: { n: 'web2' },
      others: [other(inner + depool)],
      hands: new RecordedHands(world, 'run', () => run.abort('enough')),
    });
    expect([resultOf(await run.done), world.told, world.locks.at(-1)]).toEqual(['aborted', ['bye'], '-node:web2']);
  });

  test('is not played while somebody holds its lock', async () => {
    const world = new RecordedWorld();
    world.holders.set('node:web2', 'bob@desk');
    const { result, message } = await walked(plays, world, { inputs: { n: 'web2' }, others: [other(inner + depool)] });
    expect([result, message, world.sent]).toEqual(['failed', 'bob@desk holds node:web2', []]);
  });

  test.each([
    ['nfs1', /node "nfs1" is no host of web/],
    ['{{ list }}', /node is empty/],
  ])('refuses the input %s before it does anything', async (given, why) => {
    const page = yaml(`  - { id: p, play: y, with: { node: "${given}" } }\n`);
    const { result, message, world } = await walked(page, new RecordedWorld(), { inputs: { list: [] }, others: [other(inner + depool)] });
    expect([result, message, world.sent, world.locks]).toEqual(['failed', expect.stringMatching(why), [], []]);
  });
});

test.each([
  [['2'], 4, 2],
  [['50%'], 3, 2],
  [['1', '50%'], 4, 2],
  [['3', '50%'], 4, 3],
  [[], 4, 0],
  [['half'], 4, 'keep_in_pool is "half", neither a number nor a share such as 50%'],
])('of keep_in_pool %j, of %d members the greatest holds: %s', (wanted, members, kept) => {
  expect(keptOf(wanted, members)).toBe(kept);
});

describe('a run of a playbook that plays one which is not there', () => {
  const file = (text: string, name: string): PlaybookFile => ({ playbook: playbookOf(text), text, file: name });
  const page = file(`${head}steps:\n  - { section: s, steps: [{ play: handover }] }\n`, 'x.yaml');
  const begin = (library: Library): (() => unknown) => {
    const journal = openJournal(mkdtempSync(join(tmpdir(), 'qd-plays-')), () => new Date());
    return () => {
      try {
        const hands = new RecordedHands(new RecordedWorld());
        return new Runs(journal).start({
          file: page,
          library,
          inputs: {},
          reason: null,
          env: 'default',
          hands,
          person: new ScriptedPerson(),
        });
      } finally {
        expect(journal.tail(10)).toEqual([]);
        journal.close();
      }
    };
  };

  test('is refused before anything is written, with the remedy', () => {
    const near = file(`${head.replace('playbook: x', 'playbook: hand-over')}steps: [{ tell: x }]\n`, 'hand-over.yaml');
    expect(begin({ folder: 'pages', files: [near], problems: [] })).toThrow(
      /^x plays handover, and pages holds no such playbook\. .*hand-over/,
    );
    expect(begin(noLibrary)).toThrow('but the fleet file names no folder of playbooks. Put it there, or take the step out.');
    const problem = { file: 'pages/handover.yaml', line: 3, column: 1, message: 'The file is empty.', remedy: null, excerpt: '' };
    expect(begin({ folder: 'pages', files: [], problems: [problem] })).toThrow(
      'which cannot be read: pages/handover.yaml:3: The file is empty.',
    );
  });
});
