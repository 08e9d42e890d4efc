import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFleet } from '../../src/config/parse-fleet.ts';
import type { Fleet } from '../../src/fleet/definition.ts';
import { AlertLog } from '../../src/journal/alert-log.ts';
import type { JsonValue } from '../../src/journal/entry.ts';
import type { HistoryRow } from '../../src/journal/history.ts';
import { asloAnnouncement, asloReport } from '../../src/journal/report/aslo.ts';
import { buildReport, scopeOf } from '../../src/journal/report/build-report.ts';
import { externalReport, insideOf } from '../../src/journal/report/external.ts';
import { handoffMarkdown, handoffOf } from '../../src/journal/report/handoff.ts';
import { reportHtml } from '../../src/journal/report/html.ts';
import { reportMarkdown } from '../../src/journal/report/markdown.ts';
import type { Report } from '../../src/journal/report/report.ts';
import { saveReport } from '../../src/journal/report/save-report.ts';
import { ownDir } from './fixture.ts';
import { alert, began, change, deskIn, minute, plainIncident } from './incident/story.ts';

const hostile = '</td></tr><script>alert(1)</script> | ](javascript:x) `code` **b** \u001b]52;c;QQ==\u0007 @channel\n# head\n| a | b |';

/** A real journal of an incident: alerts, a change, a run, notes by hand, a decision, updates. */
function story(words = 'pool is fine') {
  const { journal, desk, clock } = deskIn(ownDir());
  const at = (minutes: number): void => {
    clock.now = began + minutes * minute;
  };
  const alerts = new AlertLog({ journal, fleet: 'pencilcode', who: 'ann@deck' });
  const root = alert();
  const child = alert({
    id: 'load@static/web1',
    name: 'load',
    hostName: 'web1',
    what: 'load fails',
    since: began + 30_000,
    cause: root.id,
  });
  const elsewhere = alert({ id: 'disk-full@static/db9', name: 'disk-full', hostName: 'db9', what: '/ 99% full' });
  at(1);
  alerts.take([root, child, elsewhere], clock.now);
  at(2);
  desk.start({ ...plainIncident, hosts: ['nfs1', 'web1'], alert: root.id, began });
  desk.role(null, 'commander', 'ann@deck');
  at(3);
  journal.append(change('intent'));
  at(4);
  journal.append(change('outcome'));
  journal.append(
    change('intent', {
      actionId: 'restart-2',
      targets: ['db9'],
      detail: { title: 'restart db on db9', plan: { targets: [{ name: 'db9' }] } },
    }),
  );
  const run = (event: Readonly<Record<string, string | null>>): void =>
    void journal.append({
      ...change('intent'),
      kind: 'run',
      actionId: 'run-1',
      command: null,
      targets: [],
      outcome: event['event'] ?? '',
      detail: { event },
    });
  at(5);
  run({
    event: 'open',
    playbook: 'nfs-slow',
    title: 'NFS is slow',
    level: 'run',
    operator: 'ann@deck',
    sha256: 'ab'.repeat(32),
    inputs: null,
  });
  run({ event: 'intent', key: 'restart', host: 'web1', actionId: 'restart-1' });
  run({ event: 'outcome', key: 'look', outcome: 'skipped', summary: 'not needed' });
  at(6);
  desk.note(null, words);
  desk.note(null, 'TODO page on inodes', { host: 'web1', service: 'pencils' });
  desk.decide(null, { question: 'reboot nfs1?', options: ['yes', 'no'], outcome: 'no', executes: 'ann' });
  desk.update(null, ['users'], 'We see slow pages since 14:07.');
  desk.impact(null, 'users affected', 1200, null);
  at(9);
  run({ event: 'close', result: 'ok', message: 'healthy again' });
  alerts.take([], clock.now);
  at(10);
  desk.time(null, 'resolved');
  const incident = desk.time(null, 'closed');
  const entries = journal.tail(1000);
  const scope = scopeOf(incident, 'pencilcode', clock.now);
  const history: HistoryRow[] = [0, 1, 2, 5, 6].map((each) => ({
    host: 'nfs1',
    at: began + each * minute,
    cpuPct: 40 + each,
    iowaitPct: null,
    memoryPct: 60,
    nfsIops: 2900,
    nfsMs: each === 2 ? null : 48,
    diskPct: 70,
    health: 'crit',
  }));
  const report = buildReport({
    incident,
    scope,
    fleetTitle: 'Pencil Code',
    entries,
    history,
    debts: ['web1 is out of pool web'],
    now: clock.now,
  });
  return { report, entries, incident, desk, journal, clock };
}

function fleetOf(): Fleet {
  const parsed = parseFleet(
    `fleet: pencilcode
title: Pencil Code
inventory:
  - static: [{ name: web1, address: 10.1.2.3, role: web, zone: us-central1-a }, { name: nfs1, address: nfs1.internal.example.org, role: nfs }]
services: { pencils: { on: web, manager: sysv, port: 8816 } }
checks: { load: { on: web, http: "http://localhost/load/first" } }
`,
    'fleet.yaml',
    '/home/x',
  );
  if (!parsed.ok) throw new Error(parsed.problems.map((problem) => problem.message).join('; '));
  return parsed.fleet;
}

describe('the timeline', () => {
  test('holds alerts, changes, runs, notes and decisions of the incident’s hosts by the time they happened, each with its proof', () => {
    const { report } = story();
    const shown = report.timeline.filter((item) => item.significant).map((item) => `${item.at.slice(11, 16)} ${item.by} ${item.text}`);
    expect(shown).toEqual([
      '14:07 machine Critical: nfs-slow on nfs1: NFS latency 48 ms (limit 20); explains 1 more alert on web1',
      '14:07 person The trouble began',
      '14:09 person Incident declared SEV-2: web is slow',
      '14:09 person ann@deck is commander',
      '14:10 machine restart pencils on web1: ok, port 8816 answers (reason: hangs)',
      '14:12 machine Playbook nfs-slow (NFS is slow) on web1: ended well after 4m',
      '14:13 person pool is fine',
      '14:13 person seen on web1/pencils: (to do: page on inodes)',
      '14:13 person Decided: reboot nfs1? no, ann proceeding',
      '14:13 person Update to users: We see slow pages since 14:07.',
      '14:16 machine nfs-slow on nfs1 is over after 9m',
      '14:17 person Resolved',
      '14:17 person Closed',
    ]);
    expect(report.timeline.every((item) => item.evidence.journal !== null)).toBe(true);
    expect(JSON.stringify(report.timeline)).not.toContain('db9');
    expect(report.playbooks).toMatchObject([{ playbook: 'nfs-slow', result: 'ok', skipped: [{ step: 'look', why: 'not needed' }] }]);
  });

  test('an alert that began before and still stands belongs to it', () => {
    const { journal, desk, clock } = deskIn(ownDir());
    new AlertLog({ journal, fleet: 'pencilcode', who: 'ann@deck' }).take([alert()], began);
    clock.now = began + 30 * minute;
    const scope = scopeOf(desk.start(plainIncident), 'pencilcode', clock.now);
    const report = buildReport({
      incident: desk.find(null),
      scope,
      fleetTitle: '',
      entries: journal.tail(10),
      history: [],
      debts: [],
      now: clock.now,
    });
    expect(report.timeline[0]?.text).toContain('nfs-slow on nfs1');
  });

  test('a run belongs as a whole or not at all: on a host of the incident, or begun for it and for no other', () => {
    const { journal, desk, clock } = deskIn(ownDir());
    const walk = (id: string, host: string, operator = 'ann@deck'): void => {
      const say = (event: Readonly<Record<string, JsonValue>>): void =>
        void journal.append({
          ...change('intent'),
          kind: 'run',
          actionId: id,
          command: null,
          targets: [],
          who: operator,
          detail: { event },
        });
      const change1 = { actionId: `${id}-1`, targets: [host], detail: { title: `restart of ${id}`, plan: { targets: [{ name: host }] } } };
      say({ event: 'open', playbook: id, title: id, level: 'run', operator, sha256: 'ab'.repeat(32), inputs: null });
      say({ event: 'intent', key: 'restart', host, actionId: `${id}-1` });
      journal.append(change('intent', change1));
      journal.append(change('outcome', { actionId: `${id}-1` }));
      say({ event: 'note', text: `note of ${id}` });
      say({ event: 'answer', key: 'seen', question: 'choose', text: `Seen in ${id}?`, answer: { kind: 'option', name: 'yes' } });
      say({ event: 'close', result: 'ok', message: 'fine' });
      clock.now += minute;
    };
    walk('before', 'db9');
    const { key } = desk.start({ ...plainIncident, hosts: ['web1'] });
    desk.role(null, 'ops', 'kim');
    walk('own', 'web1', 'zoe@far');
    walk('meant', 'db9');
    walk('helped', 'db9', 'kim@couch');
    walk('stranger', 'db9', 'zoe@far');
    desk.start({ ...plainIncident, title: 'db is slow', hosts: ['db9'] });
    walk('other', 'db9');
    const incident = desk.all().find((each) => each.key === key);
    if (incident === undefined) throw new Error('the journal lost the incident');
    const scope = { ...scopeOf(incident, 'pencilcode', clock.now), from: began };
    const report = buildReport({
      incident,
      scope,
      fleetTitle: '',
      entries: journal.tail(200),
      history: [],
      debts: [],
      now: clock.now,
    });
    expect(report.playbooks.map((run) => `${run.playbook} ${run.changes.length}`)).toEqual(['own 1', 'meant 1', 'helped 1']);
    const told = JSON.stringify(report.timeline);
    for (const id of ['own', 'meant', 'helped'])
      for (const part of [`Playbook ${id} `, `restart of ${id}:`, `"note of ${id}"`, `Seen in ${id}?`]) expect(told).toContain(part);
    for (const id of ['before', 'stranger', 'other']) expect(told).not.toMatch(new RegExp(`\\b${id}\\b`));
  });

  test('without hosts it is everything of the period', () => {
    const { entries, clock } = story();
    const scope = { from: began, to: clock.now, fleet: 'pencilcode', hosts: null, incident: null };
    const report = buildReport({ incident: null, scope, fleetTitle: 'Pencil Code', entries, history: [], debts: [], now: clock.now });
    expect(JSON.stringify(report.timeline)).toContain('restart db on db9: no outcome recorded');
    expect(report.title).toBe('Record of Pencil Code');
  });
});

describe('Markdown', () => {
  test('is in PagerDuty’s order and needs no editing', () => {
    const text = reportMarkdown(story().report);
    const headings = [...text.matchAll(/^## (.*)$/gm)].map((found) => found[1]);
    expect(headings).toEqual([
      'Overview',
      'What happened',
      'Contributing factors',
      'Resolution',
      'Impact',
      'Responders',
      'Timeline',
      'Decisions',
      'Playbooks',
      'Action items',
      'Messages',
    ]);
    expect(text).toContain('| Time (UTC) | Event | Data Link |');
    expect(text).toContain(
      'web is slow. SEV-2, Pencil Code, on nfs1, web1. It lasted 10m, 2026-11-22 14:07 to 14:17 UTC. 2 alerts, 1 change, 1 playbook run recorded.',
    );
    expect(text).toContain("`sudo -n systemctl restart 'pencils'`");
    expect(text).toContain('| open | page on inodes | nobody yet |  |  |');
    expect(text).toContain('put back: web1 is out of pool web');
    expect(text).toContain('- skipped look: not needed');
    expect(text).toContain('Not written down when this was made: a lasting resolution, what went well and what went wrong.');
    expect(text).not.toMatch(/TBD|TODO|Nothing was recorded|[0-9a-f]{12}|undefined|null|NaN/);
    const bullets = text.split('\n').filter((line) => line.startsWith('- '));
    expect(new Set(bullets).size).toBe(bullets.length);
  });

  test('whatever somebody typed stays in its cell, and means nothing but itself', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.constant(hostile)), (words) => {
        if (words.trim() === '') return;
        const text = reportMarkdown(story(words).report);
        const rows = text.split('\n').filter((line) => line.startsWith('| 2026-'));
        for (const row of rows) expect([3, 5]).toContain(row.replaceAll('\\\\', '').replaceAll('\\|', '').split('|').length - 2);
        expect(text).not.toMatch(/(?<!\\)<[a-z/!]/i);
        expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
        expect(text.match(/^## Timeline$/gm)).toHaveLength(1);
      }),
      { numRuns: 25 },
    );
  });
});

describe('HTML', () => {
  test('is one page with charts, nothing from outside and no script', () => {
    const html = reportHtml(story(hostile).report);
    expect(html).not.toMatch(/<script|<link|<img|<iframe|\son\w+=|javascript:x\)"|@import|url\(/i);
    expect(html).not.toMatch(/(?:src|href)\s*=/i);
    expect(html).toContain("default-src 'none'");
    expect(html.match(/<figure>/g)).toHaveLength(5);
    expect(html).toContain('&lt;script&gt;alert(1)');
    expect(html).not.toContain('\u001b');
  });

  test('a chart has a gap where nothing was measured, and says so when there is nothing at all', () => {
    const { report } = story();
    const latency = reportHtml({ ...report, charts: report.charts.filter((chart) => chart.title === 'NFS latency') });
    // Minutes 0 and 1 join, 2 is unknown, 5 and 6 join.
    expect(/<path d="([^"]*)"/.exec(latency)?.[1]?.match(/[ML]/g)?.join('')).toBe('MLML');
    expect(reportHtml({ ...report, charts: [] })).toContain('No console kept measurements');
  });

  test('whatever was typed, the page has as many tags as without it', () => {
    const tags = (words: string): number => (reportHtml(story(words).report).match(/<[a-z/]/gi) ?? []).length;
    const plain = tags('plain');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (words) => words.trim() === '' || tags(words) === plain),
      { numRuns: 25 },
    );
  });
});

describe('the variant for people outside', () => {
  test('holds none of the fleet’s names, operators, addresses and commands, even where a person typed them', () => {
    const fleet = fleetOf();
    const told = [
      'web1 and nfs1 (10.1.2.3, nfs1.internal.example.org, fe80::1:2, 10.9.9.9) failed',
      'ann restarted pencils with `systemctl restart pencils`',
      "then sudo -n systemctl restart 'pencils' by ann@deck, see https://wiki.internal/x and /home/ann/run.sh",
      'role web in zone us-central1-a of pencilcode, check load, WEB1, Ann.',
    ].join('\n');
    const { incident, entries, clock } = (() => {
      const all = story(told);
      all.desk.analysis('1', 'overview', told);
      all.desk.analysis('1', 'contributing-factors', told);
      all.desk.update('1', ['ann@deck'], told);
      all.desk.title('1', 'web1: pencils is slow');
      return { ...all, incident: all.desk.find('1'), entries: all.journal.tail(1000) };
    })();
    const scope = scopeOf(incident, 'pencilcode', clock.now);
    const report = buildReport({ incident, scope, fleetTitle: fleet.title, entries, history: [], debts: ['web1 is out'], now: clock.now });
    const outside = externalReport(report, insideOf(fleet, report, { hosts: [], other: [] }));
    const everything = [
      JSON.stringify(outside),
      reportMarkdown(outside),
      reportHtml(outside),
      asloReport(outside),
      asloAnnouncement(outside),
    ];
    const forbidden =
      /\b(web1|nfs1|db9|pencils|pencilcode|ann|deck|us-central1-a|systemctl|sudo|wiki|static|example)\b|role web|check load|Pencil Code|10\.\d+\.|fe80|\/home/i;
    for (const text of everything) expect(forbidden.exec(text)?.[0] ?? null).toBeNull();
    expect(outside.timeline.map((item) => item.text)).toContain('Monitoring reported trouble');
    expect(outside.timeline.map((item) => item.text)).toContain('A change was made: it had its effect');
    expect(outside.timeline.map((item) => item.text)).toContain('Incident declared SEV-2');
    expect(outside.analysis.overview?.text).toContain('Several servers');
    expect(forbidden.test(reportMarkdown(report))).toBe(true);
  });
});

describe('what a text outside reads like', () => {
  const outside = (told: string, to: readonly string[] = ['users']): string => {
    const fleet = fleetOf();
    const all = story();
    all.desk.update('1', to, told);
    const incident = all.desk.find('1');
    const scope = scopeOf(incident, 'pencilcode', all.clock.now);
    const made = { incident, scope, fleetTitle: fleet.title, entries: all.journal.tail(1000), history: [], debts: [], now: all.clock.now };
    const report = buildReport(made);
    return externalReport(report, insideOf(fleet, report, { hosts: [], other: [] })).updates.at(-1)?.text ?? '';
  };

  test('ordinary words stay though a check, a role or an audience bears them as its name', () => {
    expect(outside('Some pages failed to load for users; the web is fine.')).toBe('Some pages failed to load for users; the web is fine.');
    expect(outside('The load check of role web failed.')).toBe('The [left out] of [left out] failed.');
  });

  test('a word put in for a name fits its sentence', () => {
    expect(outside('web1 hung. We restarted the pencils on the web1.')).toBe('A server hung. We restarted the service on the server.');
    expect(outside('web1, nfs1 and web1 hung.')).toBe('Several servers hung.');
  });
});

describe('a run of a playbook in the record', () => {
  const script = '# quarterdeck pool haproxy: set server web/web1 state drain\nLC_ALL=C; export LC_ALL\nask() { :; }';
  const told = (level: string) => {
    const { journal, desk, clock } = deskIn(ownDir());
    const run = (event: Readonly<Record<string, JsonValue>>): void =>
      void journal.append({ ...change('intent'), kind: 'run', actionId: 'run-1', command: null, targets: [], detail: { event } });
    desk.start(plainIncident);
    const sources = {
      demo: 'steps:\n  - section: x\n    steps:\n      - choose: "What do users see?"\n        options: { hung: { label: "Hangs: restart it" } }\n',
    };
    clock.now += minute;
    run({
      event: 'open',
      playbook: 'demo',
      title: 'Demo',
      level,
      operator: 'ann@deck',
      sha256: 'ab'.repeat(32),
      inputs: { reason: 'hangs in class' },
      reason: null,
      sources,
    });
    for (const key of ['nfs', 'listener']) run({ event: 'outcome', key, outcome: 'ok', summary: 'x' });
    run({ event: 'outcome', key: 'log', outcome: 'failed', summary: 'exit 1', tolerated: true });
    run({
      event: 'answer',
      key: 'seen',
      question: 'choose',
      text: 'What do users see?',
      answer: { kind: 'option', name: 'hung' },
      seconds: 3,
    });
    run({ event: 'intent', key: 'depool', host: 'web1', actionId: 'restart-1', commands: ['x'] });
    if (level === 'run') {
      const plan = { targets: [{ name: 'web1' }], commands: [{ purpose: 'change', bare: script }] };
      journal.append(change('intent', { command: script, detail: { title: 'Take web1 out', reason: 'hangs in class', plan } }));
      journal.append(change('outcome', { detail: { summary: 'web1 is out of pool web; it is owed back' } }));
    }
    run({ event: 'outcome', key: 'depool', outcome: 'ok', summary: 'out' });
    clock.now += minute;
    run({ event: 'close', result: 'ok', message: 'every step is done' });
    const incident = desk.time(null, 'closed');
    const scope = scopeOf(incident, 'pencilcode', clock.now);
    return buildReport({ incident, scope, fleetTitle: 'Pencil Code', entries: journal.tail(100), history: [], debts: [], now: clock.now });
  };

  test('is a few lines that say what was done, by whom, how it ended and what was answered', () => {
    const report = told('run');
    // An expected no is kept and is nothing that a reader must hear of.
    expect(report.timeline.find((item) => item.text.startsWith('step log'))).toMatchObject({
      text: 'step log: said no (exit 1); the playbook goes on',
      outcome: null,
      significant: false,
    });
    const shown = report.timeline.filter((item) => item.source !== 'incident' && item.significant).map((item) => [item.text, item.command]);
    expect(shown).toEqual([
      ['Playbook demo (Demo) on web1: ended well after 1m (reason: hangs in class)', null],
      ['Asked: What do users see? Hangs: restart it', null],
      ['Take web1 out: ok, web1 is out of pool web', 'pool haproxy: set server web/web1 state drain'],
    ]);
    expect(report.playbooks).toMatchObject([{ looked: 2, changes: [{ text: 'Take web1 out', outcome: 'ok' }] }]);
    expect(reportMarkdown(report)).not.toContain('LC_ALL');
  });

  test('is not there at all when it was dry', () => {
    const report = told('check');
    expect(report.playbooks).toEqual([]);
    expect(JSON.stringify(report.timeline)).not.toMatch(/Playbook|Asked|depool/);
  });
});

describe('Sugar Labs’ forms', () => {
  test('the report tells timeline, root cause, what went wrong, what worked', () => {
    const text = asloReport(story().report);
    expect([...text.matchAll(/^== (.*) ==$/gm)].map((found) => found[1])).toEqual([
      'Timeline (UTC)',
      'Root cause',
      'What went wrong',
      'What worked',
      'Action items',
    ]);
    expect(text).toContain('2026-11-22 14:07  Critical: nfs-slow on nfs1');
    expect(text.startsWith('Subject: outage report: web is slow, 2026-11-22 14:07 UTC\n')).toBe(true);
  });

  test('the announcement has their status line and a subject that ends with the time in UTC', () => {
    const { report } = story();
    const down: Report = { ...report, ongoing: true };
    expect(asloAnnouncement(down)).toMatch(/^!sugarlabsstatus \{pencils\} nfs1, web1 is down, we are working on it\n/);
    expect(asloAnnouncement(down)).toContain('Subject: outage: web is slow, 2026-11-22 14:07 UTC');
    expect(asloAnnouncement(report)).toContain('back up');
    const ofAlert: Report = { ...down, title: 'nfs1: NFS latency 48 ms (limit 20)' };
    expect(asloAnnouncement(ofAlert)).toContain('Subject: outage: pencils, 2026-11-22 14:07 UTC');
    expect(asloReport(ofAlert)).toContain('Subject: outage report: nfs1: NFS latency 48 ms (limit 20), 2026-11-22 14:07 UTC');
    expect(asloAnnouncement({ ...report, title: 'x\nBcc: all@example.org' })).not.toMatch(/^Bcc:/m);
  });
});

describe('the hand-off of a shift', () => {
  test('tells what stands, what is owed, what was done and what is due', () => {
    const { journal, desk, clock } = deskIn(ownDir());
    const alerts = new AlertLog({ journal, fleet: 'pencilcode', who: 'ann@deck' });
    alerts.take([alert(), alert({ id: 'load@static/web1', name: 'load', hostName: 'web1', cause: alert().id })], began);
    journal.append(change('intent'));
    journal.append(change('outcome'));
    desk.start(plainIncident);
    desk.note(null, 'ask bo about <nfs1>');
    clock.now = began + 60 * minute;
    const routine = { period: 'daily', text: 'backups younger than 26h', due: true, done: null, since: 0, until: 0 } as const;
    const handoff = handoffOf({
      fleet: 'pencilcode',
      from: began - minute,
      now: clock.now,
      entries: journal.tail(100),
      incidents: desk.all(),
      debts: ['web1 is out of pool web'],
      routines: [routine],
    });
    expect(handoff.alertsOpen).toHaveLength(2);
    expect(handoff.changes).toMatchObject([{ outcome: 'ok' }]);
    const text = handoffMarkdown(handoff);
    expect(text).toContain('- INC-1 SEV-2 web is slow: open for 1h, commander nobody, next update overdue since 14:37');
    expect(text).toContain('- crit nfs-slow on nfs1: NFS latency 48 ms (limit 20), for 1h (explains 1 more)');
    expect(text).toContain('- web1 is out of pool web');
    expect(text).toContain('- [ ] daily: backups younger than 26h (never done)');
    expect(text).toContain('ask bo about \\<nfs1>');
  });

  test('tells of the incidents that ended, and of what is still to be done about them', () => {
    const { desk, clock } = deskIn(ownDir());
    const week = 7 * 24 * 60;
    const end = (title: string, todo: string, after: number): void => {
      const { id } = desk.start({ ...plainIncident, title });
      desk.note(id, todo);
      clock.now += 5 * minute;
      desk.time(id, 'resolved');
      desk.time(id, 'closed');
      clock.now += after * minute;
    };
    end('long past', 'TODO nothing any more', 3 * week);
    end('of last week', 'TODO alert on inodes', week);
    end('of last week, all done', 'nothing to do', 24 * 60);
    end('of tonight', 'fine', 60);
    const since = { fleet: 'pencilcode', from: clock.now - 61 * minute, now: clock.now, entries: [], incidents: desk.all() };
    const text = handoffMarkdown(handoffOf({ ...since, debts: [], routines: [] }));
    const ended = text.split('## Incidents that ended\n\n')[1]?.split('\n\n')[0]?.split('\n');
    expect(ended).toEqual([
      '- INC-2 SEV-2 of last week: ended 2026-12-13 14:17 after 5m',
      '  - to do: alert on inodes (nobody yet)',
      '- INC-4 SEV-2 of tonight: ended 2026-12-21 14:27 after 5m',
    ]);
  });
});

describe('a saved report', () => {
  test('is a new file for its owner only, never over one that is there and never through a link', () => {
    const dir = ownDir();
    const path = join(dir, 'report.md');
    saveReport(path, 'text');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(() => saveReport(path, 'other')).toThrow('is there already');
    expect(readFileSync(path, 'utf8')).toBe('text');
    mkdirSync(join(dir, 'victim'));
    writeFileSync(join(dir, 'victim', 'file'), 'mine');
    symlinkSync(join(dir, 'victim', 'file'), join(dir, 'link.md'));
    expect(() => saveReport(join(dir, 'link.md'), 'other')).toThrow('is there already');
    symlinkSync(join(dir, 'victim', 'new'), join(dir, 'dangling.md'));
    expect(() => saveReport(join(dir, 'dangling.md'), 'other')).toThrow();
    expect(() => saveReport(join(dir, 'no', 'folder.md'), 'x')).toThrow('its folder is not there');
  });
});
