import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Alert } from '../../src/fleet/alert.ts';
import type { Library } from '../../src/playbook/library.ts';
import { specificity } from '../../src/playbook/pattern-breadth.ts';
import { type About, suggest, type Suggested } from '../../src/playbook/suggest.ts';
import { playbookOf } from './recorded-world.ts';

/** Playbooks by id, each with the keys between its head and its one step. */
function libraryWith(pages: Readonly<Record<string, string>>): Library {
  const files = Object.entries(pages).map(([id, more]) => {
    const text = `playbook: ${id}\nformat: 1\ntitle: T\nowner: o\nreviewed: "2026-11-21"\nwhen_to_use: w\n${more}steps: [{ stop: done }]\n`;
    return { playbook: playbookOf(text), text, file: `${id}.yaml` };
  });
  return { folder: null, files, problems: [] };
}

function alert(name: string, host: string | null = 'web1', more: Partial<Alert> = {}): Alert {
  const labels: Record<string, string> = host === null ? {} : { host, env: 'prod', role: host.replace(/\d+$/, '') };
  const { labels: extra = {}, ...rest } = more;
  return {
    id: `${name}@${host ?? ''}`,
    name,
    labels: { ...labels, ...extra },
    severity: 'crit',
    host,
    hostName: host,
    what: `${host ?? ''} ${name}`,
    since: 0,
    cause: null,
    suppressedBy: null,
    ackedBy: null,
    playbooks: [],
    ...rest,
  };
}

const about = (given: Partial<About>): About => ({ alerts: [], host: null, checks: [], text: null, ...given });
const names = (found: readonly Suggested[]): string[] => found.flatMap(({ file, score }) => (score > 0 ? [file.playbook.id] : []));
const web1 = { name: 'web1', role: 'web', env: 'prod' };
const node = 'inputs: { node: { type: host, from: web } }\n';

describe('the order', () => {
  test('an alert leads to the playbook that names it, and says why; the others are only listed', () => {
    const library = libraryWith({ other: '', pencils: 'suggest: [{ alert: "^pencils-down$" }]\n' });
    const [first, second] = suggest(library, about({ alerts: [alert('pencils-down')] }));
    expect(first).toMatchObject({ because: ['alert pencils-down on web1'], alert: 'pencils-down@web1' });
    expect(first?.file.playbook.id).toBe('pencils');
    expect(second).toMatchObject({ score: 0, because: [], inputs: {}, alert: null });
  });

  test('a root cause counts more than the alert under the cursor that it explains', () => {
    const library = libraryWith({ pencils: 'suggest: [{ alert: "^pencils-down$" }]\n', nfs: 'suggest: [{ alert: "^nfs-slow$" }]\n' });
    const root = alert('nfs-slow', 'nfs1');
    const found = suggest(library, about({ alerts: [alert('pencils-down', 'web1', { cause: root.id }), root] }));
    expect(names(found)).toEqual(['nfs', 'pencils']);
    expect(found[1]?.because).toEqual(['alert pencils-down on web1, which another explains']);
  });

  test('of two alerts of their own, the one under the cursor comes first', () => {
    const library = libraryWith({ a: 'suggest: [{ alert: "^disk-full$" }]\n', b: 'suggest: [{ alert: "^nfs-slow$" }]\n' });
    const both = [alert('nfs-slow', 'nfs1'), alert('disk-full')];
    expect(names(suggest(library, about({ alerts: both })))).toEqual(['b', 'a']);
    expect(names(suggest(library, about({ alerts: both.toReversed() })))).toEqual(['a', 'b']);
  });

  test('a specific pattern comes before a wide one, and a vague one is last even with labels, checks of nobody and many rules', () => {
    const library = libraryWith({
      all: 'suggest: [{ alert: ".*", labels: { host: web1, env: prod } }, { alert: "down" }, { alert: "." }]\n',
      few: 'suggest: [{ alert: "^(pencils|nginx|uwsgi)-down$|^nfs-(slow|hung|iops)$" }]\n',
      one: 'suggest: [{ alert: "^pencils-down$" }]\n',
    });
    expect(names(suggest(library, about({ alerts: [alert('pencils-down')] })))).toEqual(['one', 'few', 'all']);
  });

  test('equals stand in the order of their names, whatever the order of the files', () => {
    const rule = 'suggest: [{ alert: "^nfs-slow$" }]\n';
    const given = about({ alerts: [alert('nfs-slow', 'nfs1')] });
    expect(names(suggest(libraryWith({ b: rule, c: rule, a: rule }), given))).toEqual(['a', 'b', 'c']);
  });

  test('labels must all be those of the alert, and make a match worth more; an unknown label never matches', () => {
    const library = libraryWith({
      plain: 'suggest: [{ alert: "^pencils-down$" }]\n',
      right: 'suggest: [{ alert: "^pencils-down$", labels: { role: web, host: web1 } }]\n',
      wrong: 'suggest: [{ alert: "^pencils-down$", labels: { moon: full } }]\n',
      inherited: 'suggest: [{ alert: "^pencils-down$", labels: { toString: x } }]\n',
    });
    const found = suggest(library, about({ alerts: [alert('pencils-down')] }));
    expect(names(found)).toEqual(['right', 'plain']);
    expect(found[0]?.because).toEqual(['alert pencils-down on web1 (role web, host web1)']);
  });

  test('a check that is not ok and words that somebody typed lead too, and both stand behind a name', () => {
    const library = libraryWith({
      named: 'suggest: [{ alert: "^load-failing$" }]\n',
      checked: 'suggest: [{ check: load }]\n',
      worded: 'suggest: [{ text: ["port 8816", "502 on /load"] }]\n',
      twice: 'suggest: [{ check: load, text: ["8816"] }]\n',
    });
    const given = about({ alerts: [alert('load-failing')], checks: ['load'], text: 'users say: Port  8816 is closed' });
    const found = suggest(library, given);
    expect(names(found)).toEqual(['named', 'twice', 'checked', 'worded']);
    expect(found[1]?.because).toEqual(['check load is not ok', 'the words "8816"']);
    expect(found[3]?.because).toEqual(['the words "port 8816"']);
    expect(suggest(library, about({ alerts: [alert('x', 'web1', { labels: { check: 'load' } })] }))[0]?.because).toEqual([
      'check load is not ok on web1',
    ]);
  });

  test('words also match what an alert says, as whole words', () => {
    const library = libraryWith({ nfs: 'suggest: [{ text: [NFS, "/mnt/data"] }]\n' });
    const said = (what: string): readonly string[] =>
      suggest(library, about({ alerts: [alert('odd', 'web1', { what })] }))[0]?.because ?? [];
    expect(said('web1: nfs latency 48 ms')).toEqual(['the words "NFS" in alert odd on web1']);
    expect(said('confs are missing')).toEqual([]);
    expect(said('stat of /mnt/data/x hangs')).toEqual(['the words "/mnt/data" in alert odd on web1']);
    expect(said('stat of /mnt/database hangs')).toEqual([]);
  });

  test('an alert in maintenance leads to less than one that is not', () => {
    const library = libraryWith({ a: 'suggest: [{ alert: "^disk-full$" }]\n', b: 'suggest: [{ alert: "^nfs-slow$" }]\n' });
    const found = suggest(library, about({ alerts: [alert('disk-full', 'web1', { suppressedBy: 'maintenance' }), alert('nfs-slow')] }));
    expect(names(found)).toEqual(['b', 'a']);
  });
});

describe('the inputs', () => {
  test('are filled from the alert as the file says', () => {
    const library = libraryWith({
      page: `inputs: { node: { type: host, from: web }, pool: { type: text }, why: { type: text }, n: { type: int } }
suggest: [{ alert: "^pencils-down$", fill: { node: "{{ alert.labels.host }}", pool: "{{ alert.labels.pool }}", why: "{{ alert.name }}: {{ alert.what }} on {{ alert.host }}", n: "{{ alert.name }}" } }]
`,
    });
    const [found] = suggest(library, about({ alerts: [alert('pencils-down', 'web1', { what: 'is down' })] }));
    // A label that is not there and a text where a number is wanted fill nothing.
    expect(found?.inputs).toEqual({ node: 'web1', why: 'pencils-down: is down on web1' });
  });

  test('where nothing is said, a host that fits is taken: the alert’s own, else the selected one', () => {
    const page = 'inputs: { node: { type: host, from: web }, server: { type: host, from: nfs, default: nfs1 } }\n';
    const library = libraryWith({ page: `${page}suggest: [{ alert: "^nfs-slow$" }]\n` });
    const [slow] = suggest(library, about({ alerts: [alert('nfs-slow', 'nfs2')], host: web1 }));
    expect(slow?.inputs).toEqual({ node: 'web1', server: 'nfs2' });
    const [listed] = suggest(library, about({ host: web1 }));
    expect(listed).toMatchObject({ score: 0, inputs: { node: 'web1' } });
  });

  test('of two that take the same hosts only one is guessed', () => {
    const library = libraryWith({ page: 'inputs: { a: { type: host, from: web }, b: { type: host, from: web } }\n' });
    const found = suggest(library, about({ alerts: [alert('x', 'web2')], host: web1 }));
    expect(found[0]?.inputs).toEqual({ a: 'web1' });
  });

  test('a playbook that is for the host of the alert and does not take it is not suggested', () => {
    const library = libraryWith({ page: `${node}suggest: [{ alert: "^pencils-down$", fill: { node: "{{ alert.host }}" } }]\n` });
    expect(names(suggest(library, about({ alerts: [alert('pencils-down', 'nfs1')] })))).toEqual([]);
  });

  test('one that takes only other hosts comes after one that takes this one', () => {
    const library = libraryWith({
      a: 'inputs: { server: { type: host, from: nfs } }\nsuggest: [{ alert: "^nfs-slow$" }]\n',
      b: `${node}suggest: [{ alert: "^nfs-slow$" }]\n`,
    });
    expect(names(suggest(library, about({ alerts: [alert('nfs-slow', 'web1')] })))).toEqual(['b', 'a']);
  });

  test('a pool is known by the fleet', () => {
    const library = libraryWith({ page: 'inputs: { node: { type: host, from: front } }\n' });
    const hostsFrom = (from: string | null): string[] => (from === 'front' ? ['web1'] : []);
    expect(suggest(library, about({ host: web1, hostsFrom }))[0]?.inputs).toEqual({ node: 'web1' });
    expect(suggest(library, about({ host: web1 }))[0]?.inputs).toEqual({});
  });

  test('no secret is filled, nor what the input’s own pattern refuses', () => {
    const library = libraryWith({
      page: `inputs: { key: { type: secret }, tag: { type: text, pattern: "^v[0-9]+$" } }
suggest: [{ alert: "^x$", fill: { key: "{{ alert.name }}", tag: "{{ alert.host }}" } }]
`,
    });
    expect(suggest(library, about({ alerts: [alert('x', 'web1')] }))[0]?.inputs).toEqual({});
  });
});

describe('hostile files', () => {
  test.each(['^(a+)+$', '(a|a)(a|a)(a|a)(a|a)*$', '^(a|aa)+$', '(?:a?){40}a{40}$', '^(?<n>a*)*b'])(
    '%s, which backtracks without end where patterns go back, is held against a long name at once',
    (source) => {
      const library = libraryWith({ page: `suggest: [{ alert: ${JSON.stringify(source)} }]\n` });
      expect(names(suggest(library, about({ alerts: [alert(`${'a'.repeat(50_000)}!`)] })))).toEqual([]);
    },
  );

  test.each([
    ['^pencils-down$', 1],
    ['^web-(a|b)-(down|failing)(-x)?$', 1],
    ['.*', 0],
    ['-down$', 0],
    ['', 0],
    ['^[^q]', 0],
    ['^(.+)-(slow|full)$', 0],
  ])('%s has the specificity %d', (source, expected) => {
    expect(specificity(new RegExp(source, 'u'))).toBe(expected);
  });

  test('a pattern of a few kinds lies between', () => {
    const some = specificity(/^nfs-(slow|hung|server-hung|iops)$/u);
    expect([some > 0, some < 1]).toEqual([true, true]);
  });

  test('nothing throws, whatever alerts say', () => {
    const library = libraryWith({
      page: `${node}suggest: [{ alert: "^(a+)+$", labels: { a: b } }, { text: [x, "  "], fill: { node: "{{ alert.labels.x.y }}" } }, { check: "" }]\n`,
      other: 'suggest: [{ alert: "", fill: { ghost: "{{ alert.__proto__ }}" } }]\n',
    });
    const text = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'a'.repeat(60), '{{ x }}', 'x\u001b[2J'));
    fc.assert(
      fc.property(text, text, fc.dictionary(text, text), fc.option(text), (name, what, labels, words) => {
        const found = suggest(library, about({ alerts: [{ ...alert(name, what), labels }], text: words, host: web1 }));
        expect(found).toHaveLength(2);
        // oxlint-disable-next-line no-control-regex -- terminal controls are what this looks for
        expect(found.flatMap(({ because }) => because).join('')).not.toMatch(/[\u0000-\u001f\u007f]/);
      }),
      { numRuns: 150 },
    );
  });
});
