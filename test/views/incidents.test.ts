import { readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { textUnder } from '../../views/json-read.ts';
import { FakeDesk, step } from './fake-desk.ts';
import { drive } from './drive.ts';
import { fleetState, hostView, pencilFleet, start, testConsole } from './fixture.ts';
import { deck, type Deck } from './incident-fixture.ts';

/** Starts an incident from the worst alert, every field as it was filled in. */
function started(of: Deck = deck()): Deck {
  of.driver.press('I', 'n', 'enter', 'enter', 'enter', 'enter');
  return of;
}

const events = ({ journal }: Deck): string[] =>
  journal.ofKinds(['incident']).map((entry) => (textUnder(entry.detail, 'title') ?? '').replace(/^(INC-\d+|incident): /, ''));

describe('an incident on the screen', () => {
  test('starts from what is wrong, its title, hosts and beginning filled in', () => {
    const of = deck();
    of.driver.press('I');
    expect(of.text()).toContain('No incident was ever started here');
    of.driver.press('n');
    expect(of.text()).toMatch(/what is wrong {2}nfs1: NFS latency 48 ms \(limit 20\)/);
    expect(of.text()).toMatch(/hosts +nfs1 web1 web2 web4/);
    of.driver.press('enter', 'enter', 'enter', 'enter');
    expect(events(of)).toEqual(['declared SEV-2: nfs1: NFS latency 48 ms (limit 20)', 'began', 'detected', 'kim is commander']);
    expect(of.text()).toContain('INC-1');
    expect(of.text()).toContain('commander kim');
  });

  test('is in the header of every screen with its age, and loud once an update is due', () => {
    const of = started();
    of.driver.press('escape', 'escape');
    expect(of.text().split('\n')[0]).toContain(' INC-1 SEV-2 3m ');
    of.console.wait(31 * 60_000);
    of.driver.press('I');
    expect(of.text()).toContain('an update is due since');
    of.driver.press('u');
    of.driver.type('We see slow pages.');
    of.driver.press('enter', 'enter');
    expect(of.text()).toContain('next update in 30m00s');
    expect(of.text()).toContain('users: We see slow pages.');
  });

  test('takes roles, severities, decisions and follow-ups, goes to its end and is opened again', () => {
    const of = started();
    of.driver.press('r', 'enter', 'ctrl-u');
    of.driver.type('bo');
    of.driver.press('enter', 'enter');
    of.driver.press('s', 'up', 'enter', 'enter');
    of.driver.press('d');
    of.driver.type('reboot nfs1?');
    of.driver.press('enter');
    of.driver.type('yes, no');
    of.driver.press('enter');
    of.driver.type('no');
    of.driver.press('enter', 'enter');
    of.driver.press('i');
    of.driver.type('TODO page on inodes');
    of.driver.press('enter', 'enter', 'f');
    of.driver.type('bo');
    of.driver.press('enter', 'enter', 'enter', 'enter');
    of.driver.press('m', 'enter', 'R', 'enter', 'C', 'enter');
    expect(events(of).slice(4)).toEqual([
      'bo is scribe',
      'severity SEV-1',
      'decided: reboot nfs1? no',
      'TODO page on inodes',
      expect.stringMatching(/^follow-up \d+, owner bo$/),
      'mitigated',
      'resolved',
      'closed',
    ]);
    expect(of.text().split('\n')[0]).not.toContain('INC-1');
    of.driver.press('s');
    expect(of.text()).toContain('INC-1 is closed; o opens it again');
    of.driver.press('o');
    of.driver.type('it is back');
    of.driver.press('enter');
    expect(of.text().split('\n')[0]).toContain('INC-1');
  });

  test('may be told by a console that was started read-only: that guards hosts, not the record', () => {
    const of = started(deck({ readOnly: true }));
    of.driver.press('i');
    of.driver.type('seen');
    of.driver.press('enter', 'enter');
    expect(events(of)).toContain('seen');
  });

  test('a form left half-way writes nothing, and an empty title is asked for again', () => {
    const of = deck();
    of.driver.press('I', 'n', 'ctrl-u', 'enter');
    expect(of.text()).toContain('what is wrong is still empty');
    of.driver.press('escape');
    expect(events(of)).toEqual([]);
  });

  test('its export is new files for their owner only, and a card says where, however narrow the terminal', () => {
    const of = started();
    of.driver.press('e', 'enter');
    const card = of.text(80, 24).replace(/\s+/g, ' ');
    const paths = /Written: (\S+?) ?(\S*)\.md \.html \.json/.exec(card)?.slice(1).join('').split('').join('');
    expect(paths).toContain(of.dir);
    expect(readFileSync(`${paths ?? ''}.md`, 'utf8')).toContain('# INC-1: nfs1: NFS latency 48 ms');
    expect(readFileSync(`${paths ?? ''}.html`, 'utf8')).toContain('<!doctype html>');
    expect(statSync(`${paths ?? ''}.json`).mode & 0o777).toBe(0o600);
    of.driver.press('escape', 'h');
    expect(of.text()).toContain('Hand-off of the last 8 hours:');
    expect(of.text()).toMatch(/handoff-\w+\.md/);
    of.driver.press('escape');
    expect(of.text()).not.toContain('Hand-off of the last');
  });

  test('takes what only people can tell for its report, and says what of it is missing', () => {
    const of = started();
    of.driver.press('w');
    expect(of.text()).toMatch(/what +‹ number of the impact ›/);
    expect(of.text().replace(/\s+/g, ' ')).toContain(
      'Not written yet: numbers of the impact, the contributing factors, a lasting resolution, what went well, what went wrong.',
    );
    of.driver.press('enter');
    of.driver.type('many users');
    of.driver.press('enter');
    expect(of.text()).toContain('a number is told as: users affected 1200');
    of.driver.press('ctrl-u');
    of.driver.type('requests failed: 3.5 %');
    of.driver.press('enter');
    expect(of.text()).toContain('impact    requests failed: 3.5 %');
    of.driver.press('w', 'enter');
    of.driver.type('a full log');
    of.driver.press('enter');
    expect(events(of).slice(-2)).toEqual(['impact: requests failed 3.5 %', 'analysis: contributing-factors']);
    of.driver.press('e');
    expect(of.text().replace(/\s+/g, ' ')).toContain(
      'Not written yet: a lasting resolution, what went well, what went wrong. w writes it.',
    );
  });

  test('shows a few follow-ups and its timeline, however many there are; the open ones first', () => {
    const of = started();
    for (let each = 1; each <= 9; each += 1) {
      of.driver.press('i');
      of.driver.type(`TODO thing ${each}`);
      of.driver.press('enter', 'enter');
    }
    of.driver.press('f', 'enter', 'enter', 'enter', 'down', 'enter');
    expect(of.text()).toContain('to do     thing 2 (nobody yet)');
    expect(of.text()).toContain('and 3 more open, 1 more done');
    expect(of.text()).toContain('timeline');
  });

  test('that was over but is not closed can be opened again', () => {
    const of = started();
    of.driver.press('R', 'enter', 'o');
    of.driver.type('it is back');
    of.driver.press('enter');
    expect(events(of).at(-1)).toBe('opened again: it is back');
  });
});

describe('a note from any screen', () => {
  test('goes into the open incident', () => {
    const of = started();
    of.driver.press('?', 'i');
    of.driver.type('both webs hang');
    of.driver.press('enter', 'enter');
    expect(events(of).at(-1)).toBe('both webs hang');
    expect(of.text()).toContain('The note is in INC-1.');
  });

  test('with none open stays a note of the journal, or begins an incident', () => {
    const of = deck();
    of.driver.press('i');
    of.driver.type('pool was changed by hand');
    expect(of.text()).toContain('No incident is open');
    of.driver.press('enter', 'enter');
    expect(of.journal.tail(1)[0]).toMatchObject({ kind: 'note', detail: { text: 'pool was changed by hand' } });
    of.driver.press('i');
    of.driver.type('pages hang');
    of.driver.press('enter', 'down', 'enter');
    expect(of.text()).toContain('start an incident');
    of.driver.press('enter', 'enter', 'enter', 'enter');
    expect(events(of)[0]).toBe('declared SEV-3: pages hang');
  });

  test('with several open goes to the one that was chosen, and to another by choice', () => {
    const of = started(started());
    of.driver.press('i');
    of.driver.type('first');
    of.driver.press('enter', 'down', 'enter');
    of.driver.press('i');
    of.driver.type('second');
    of.driver.press('enter', 'enter');
    const keys = of.journal.ofKinds(['incident']).filter((entry) => entry.outcome === 'note');
    // The choice made for the first note holds for the next.
    expect(new Set(keys.map((entry) => entry.actionId)).size).toBe(1);
    expect(keys[0]?.actionId).toBe(of.console.incidents.list()[0]?.key);
  });

  test('a marked line brings its host and service along', () => {
    const of = started();
    of.driver.press('escape', 'escape', 'G', 'enter', 'M', 'enter', 'enter');
    const [marked] = of.journal.ofKinds(['incident']).filter((entry) => entry.outcome === 'note');
    expect(marked?.detail['event']).toMatchObject({ source: { host: expect.any(String), service: expect.any(String) } });
    of.driver.press('y');
    of.text();
    of.driver.press('M', 'down');
    expect(of.text()).toContain('mark which line?');
    of.driver.press('enter', 'enter', 'enter');
    expect(of.journal.ofKinds(['incident']).filter((entry) => entry.outcome === 'note')).toHaveLength(2);
  });
});

describe('on the screen of a run', () => {
  const failing = {
    address: 'log',
    host: 'web2',
    state: 'failed',
    note: 'it took too long',
    evidence: ['a', 'upstream timed out'],
  } as const;
  const noted = (of: Deck): unknown[] =>
    of.journal
      .ofKinds(['incident'])
      .filter((entry) => entry.outcome === 'note')
      .map((entry) => entry.detail['event']);

  test('a marked line of the step in sight goes into the incident with its host', () => {
    const runs = new FakeDesk();
    const of = started(deck({ runs }));
    const run = runs.add({ steps: [step('log', failing)], current: 'log' });
    of.driver.press('v', 'M');
    expect(of.text()).toMatch(/check log: failed, it took too long[^]*upstream timed out/);
    of.driver.press('j', 'j', 'enter', 'enter', 'enter');
    expect(noted(of)).toEqual([expect.objectContaining({ text: 'upstream timed out', source: { host: 'web2', service: null } })]);
    expect(run.calls).toEqual([]);
  });

  test('a line that stands only in a question can be marked, and that of a step without a host names the host of the run', () => {
    const runs = new FakeDesk();
    const of = started(deck({ runs }));
    const run = runs.add({ steps: [step('log')], current: 'log' });
    of.driver.press('v');
    run.ask({
      kind: 'failed',
      address: 'log',
      title: 'look',
      outcome: 'failed',
      summary: 'exit 1',
      evidence: ['oom'],
      may: ['undo', 'stop'],
    });
    of.driver.press('M', 'j', 'enter', 'enter', 'enter');
    expect(noted(of)).toEqual([expect.objectContaining({ text: 'oom', source: { host: 'web2', service: null } })]);
    expect(run.answers).toEqual([]);
  });

  test('i writes into the open incident, and with none into the run that goes on', () => {
    const runs = new FakeDesk();
    const of = deck({ runs });
    const run = runs.add();
    of.driver.press('v', 'i');
    of.driver.type('web2 hangs');
    expect(of.text()).toContain('this run');
    of.driver.press('enter', 'enter');
    expect(run.calls).toEqual(['note web2 hangs']);
    expect(of.text()).toContain('The note is in the run');
    started(of);
    of.driver.press('v', 'i');
    of.driver.type('so does web1');
    of.driver.press('enter', 'enter');
    expect(noted(of)).toEqual([expect.objectContaining({ text: 'so does web1', source: null })]);
    run.show({ phase: { phase: 'closed', result: 'ok', message: 'done' } });
    of.driver.press('i');
    expect(of.text()).not.toContain('this run');
  });
});

describe('routines', () => {
  test('keep a gap between a duty that is too long for its column and who did it', () => {
    const text = 'each of the four webs answers the page that the newcomers see first';
    const row = { period: 'daily', text, due: true, done: null, since: start, until: start + 3_600_000 } as const;
    const driver = drive({ ...testConsole(pencilFleet()), routines: { list: () => [row], tick: () => {} } });
    driver.press('T');
    expect(driver.frame(80, 24).join('\n')).toMatch(/each of the four webs answers .*…  never done/);
    expect(driver.frame(160, 24).join('\n')).toContain(`${text}  never done`);
  });

  test('say what is due, are ticked, skipped with a reason and taken back', () => {
    const of = deck();
    expect(of.text(120).split('\n')[0]).toContain('2 duties due');
    of.driver.press('T', 'enter');
    expect(of.text()).toMatch(/\[x\] daily +backups younger than 26h +done 14:07Z by kim@desk/);
    of.driver.press('j', 's');
    of.driver.type('nfs1 is being moved');
    of.driver.press('enter');
    expect(of.text()).toMatch(/\[–\] weekly +disks of nfs1 +skipped 14:07Z by kim@desk: nfs1 is/);
    expect(of.text(120).split('\n')[0]).not.toContain('due');
    of.driver.press('u');
    expect(of.text()).toMatch(/\[ \] weekly +disks of nfs1 +never done/);
  });
});

describe('a wedged host', () => {
  const wedged = () =>
    fleetState([
      hostView({ name: 'sunjammer', role: 'web', reach: 'no-shell', why: 'the shell does not start', health: 'unknown' }, start, 1),
      ...pencilFleet().hosts,
    ]);
  const people = [{ name: 'FSF sysadmins', role: 'power', phone: '+1 555 0100', mail: null, when: 'office hours', for: ['sunjammer'] }];

  test('has a card with since when, what was tried and whom to call; the bar names them too', () => {
    const of = deck({ fleet: wedged(), contacts: people });
    expect(of.text()).toContain('sunjammer wedged for 5m00s, call FSF sysadmins +1 555 0100');
    of.driver.session.update((ui) => ({ ...ui, history: [{ kind: 'host', hostId: 'static/sunjammer', service: null, scroll: 0 }] }));
    expect(of.text()).toContain('out of band  wedged for 5m00s');
    expect(of.text()).toContain('Call somebody at 14:17:31Z');
    expect(of.text()).toContain('FSF sysadmins · power · +1 555 0100 · office hours');
    of.console.wait(11 * 60_000);
    expect(of.text(120)).toContain('Call somebody: it was due 14:17:31Z');
    expect(JSON.stringify(of.journal.tail(100))).not.toContain('555');
  });

  test('a contacts file that cannot be used is one sentence there', () => {
    const of = deck({ fleet: wedged(), contacts: '/etc/people.yaml:2:5: Others may read it.' });
    of.driver.session.update((ui) => ({ ...ui, history: [{ kind: 'host', hostId: 'static/sunjammer', service: null, scroll: 0 }] }));
    expect(of.text()).toContain('/etc/people.yaml:2:5: Others may read it.');
  });
});
