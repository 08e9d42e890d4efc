import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../src/journal/entry.ts';
import { incidentEntry } from '../../../src/journal/incident/event.ts';
import { foldIncidents, openIncidents } from '../../../src/journal/incident/fold.ts';
import { holderOf, timeAtSeverity, updateDueAt } from '../../../src/journal/incident/incident.ts';
import { incidentFromAlert } from '../../../src/journal/incident/from-alert.ts';
import { linkEntry } from '../../../src/journal/chain.ts';
import { verifyJournal } from '../../../src/journal/verify.ts';
import { newEntry, ownDir } from '../fixture.ts';
import { alert, began, deskIn, minute, plainIncident } from './story.ts';

describe('an incident is a span of the journal', () => {
  test('incidents are counted in one journal, and another console reads the same', () => {
    const dir = ownDir();
    const { desk, journal } = deskIn(dir);
    journal.append(newEntry());
    expect(desk.start(plainIncident).id).toBe('INC-1');
    expect(desk.start({ ...plainIncident, title: 'disk full' }).id).toBe('INC-2');
    const other = deskIn(dir, 'kim@desk');
    expect(other.desk.all().map(({ id, title }) => `${id} ${title}`)).toEqual(['INC-1 web is slow', 'INC-2 disk full']);
    expect(other.desk.start(plainIncident).id).toBe('INC-3');
    expect(verifyJournal(dir)).toMatchObject({ ok: true });
  });

  test('every time can be set by its own, and what is told late says so', () => {
    const { desk, clock } = deskIn(ownDir());
    clock.now = began + 3 * minute;
    desk.start({ ...plainIncident, began });
    clock.now = began + 60 * minute;
    desk.time(null, 'mitigated', began + 20 * minute);
    desk.time(null, 'resolved', began + 58 * minute);
    const incident = desk.time(null, 'closed');
    expect(incident.status).toBe('closed');
    expect(incident.times.began).toMatchObject({ at: began, late: false });
    expect(incident.times.mitigated).toMatchObject({ at: began + 20 * minute, late: true });
    expect(incident.times.resolved).toMatchObject({ late: false });
    expect(incident.times.acknowledged).toBeNull();
    expect(() => desk.time('1', 'closed', began + 120 * minute)).toThrow('future');
  });

  test('severity changes keep their times, entered in any order', () => {
    const { desk, clock } = deskIn(ownDir());
    desk.start(plainIncident);
    clock.now = began + 30 * minute;
    desk.severity(null, 'sev3', 'fewer users', began + 25 * minute);
    const incident = desk.severity(null, 'sev1', 'everybody', began + 10 * minute);
    expect(incident.severity).toBe('sev3');
    expect([...timeAtSeverity(incident, clock.now)]).toEqual([
      ['sev2', 10 * minute],
      ['sev1', 15 * minute],
      ['sev3', 5 * minute],
    ]);
  });

  test('a role passes from one person to the next, experts are several', () => {
    const { desk, clock } = deskIn(ownDir());
    desk.start(plainIncident);
    desk.role(null, 'commander', 'ann');
    desk.role(null, 'expert', 'bo');
    desk.role(null, 'expert', 'cy');
    clock.now = began + 5 * minute;
    const incident = desk.role(null, 'commander', 'dee');
    expect(holderOf(incident, 'commander')).toBe('dee');
    expect(incident.roles.find((span) => span.person === 'ann')).toMatchObject({ at: began, until: began + 5 * minute });
    expect(incident.roles.filter((span) => span.until === null).map((span) => span.person)).toEqual(['bo', 'cy', 'dee']);
    expect(holderOf(desk.role(null, 'commander', 'dee', 'leave'), 'commander')).toBeNull();
  });

  test('a TODO in a note becomes a follow-up that gets owner, ticket and due date one after the other', () => {
    const { desk } = deskIn(ownDir());
    desk.start(plainIncident);
    desk.note(null, 'methodology is no TODOlist, nor is mytodo');
    const noted = desk.note(null, 'nginx was not checked\nTODO: alert on inodes of /data', { host: 'web1', service: 'nginx' });
    expect(noted.followUps).toMatchObject([{ text: 'alert on inodes of /data', owner: null, done: false }]);
    expect(noted.notes.at(-1)?.source).toEqual({ host: 'web1', service: 'nginx' });
    const of = noted.followUps[0]?.of ?? 0;
    desk.followUp(null, of, { owner: 'bo', ticket: null, due: '2026-12-01', done: false });
    const done = desk.followUp(null, of, { owner: null, ticket: 'T-9', due: null, done: true });
    expect(done.followUps).toMatchObject([{ owner: 'bo', ticket: 'T-9', due: '2026-12-01', done: true }]);
    expect(() => desk.followUp(null, 999, { owner: null, ticket: null, due: null, done: true })).toThrow('no follow-up 999');
  });

  test('people outside are owed an update every half hour until it is resolved', () => {
    const { desk, clock } = deskIn(ownDir());
    expect(updateDueAt(desk.start(plainIncident))).toBe(began + 30 * minute);
    clock.now = began + 20 * minute;
    const told = desk.update(null, ['users'], 'we are on it');
    expect(updateDueAt(told)).toBe(began + 50 * minute);
    expect(updateDueAt(desk.time(null, 'resolved'))).toBeNull();
  });

  test('a closed incident takes only what belongs to its telling, until it is opened again', () => {
    const { desk } = deskIn(ownDir());
    desk.start(plainIncident);
    desk.time(null, 'closed');
    expect(() => desk.note(null, 'late thought')).toThrow('no incident is open');
    expect(desk.note('INC-1', 'late thought').notes).toHaveLength(1);
    expect(() => desk.role('INC-1', 'ops', 'bo')).toThrow('INC-1 is closed');
    expect(desk.reopen('1', 'it came back').status).toBe('open');
    expect(desk.role('INC-1', 'ops', 'bo').roles).toHaveLength(1);
  });

  test('with several open ones the name must be said; another fleet’s are not meant', () => {
    const { desk, journal, clock } = deskIn(ownDir());
    desk.start(plainIncident);
    desk.start(plainIncident);
    expect(() => desk.note(null, 'which?')).toThrow('several incidents are open (INC-1, INC-2)');
    expect(() => desk.note('INC-7', 'which?')).toThrow('no incident "INC-7"');
    journal.append(
      incidentEntry(
        'incident-x',
        {
          event: 'start',
          title: 'else',
          fleet: 'other',
          severity: 'sev5',
          visibility: 'public',
          alert: null,
          hosts: [],
          services: [],
          at: clock.now,
        },
        'kim@desk',
        'x',
      ),
    );
    expect(desk.open().map(({ id }) => id)).toEqual(['INC-1', 'INC-2']);
    expect(desk.all()).toHaveLength(3);
  });

  test('from an alert: the root cause names it, and every host it explains takes part', () => {
    const root = alert();
    const web = alert({
      id: 'load@static/web1',
      name: 'load',
      hostName: 'web1',
      what: 'load fails',
      since: began + minute,
      cause: root.id,
    });
    expect(incidentFromAlert(web, [root, web])).toEqual({
      title: 'nfs1: NFS latency 48 ms (limit 20)',
      severity: 'sev2',
      alert: root.id,
      hosts: ['nfs1', 'web1'],
      began,
    });
  });

  test('texts are safe and bounded before they are written', () => {
    const { desk, journal } = deskIn(ownDir());
    desk.start({ ...plainIncident, title: 'a\u001b]52;c;QQ==\u0007b\u202e' });
    desk.note(null, `x\u001b[2J${'y'.repeat(20_000)}`);
    const kept = JSON.stringify(journal.tail(10));
    expect(kept).not.toMatch(/[\u0007\u001b\u202e]|\\u001b/);
    expect(kept.length).toBeLessThan(12_000);
  });

  test('whatever stands in the entries, folding never throws and never invents an incident', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ actionId: fc.constantFrom('incident-a', 'incident-b', null), event: fc.jsonValue() })), (given) => {
        const entries = given.reduce<Entry[]>((made, { actionId, event }) => {
          const detail = JSON.parse(JSON.stringify({ event }));
          const entry = newEntry({ kind: 'incident', actionId, detail });
          return [...made, linkEntry(entry, new Date(began), made.at(-1) ?? null).entry];
        }, []);
        expect(openIncidents(foldIncidents(entries))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
