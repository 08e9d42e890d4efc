import { describe, expect, test } from 'vitest';
import { AlertLog } from '../../../src/journal/alert-log.ts';
import { spanOf, timeAtSeverity, worstOf } from '../../../src/journal/incident/incident.ts';
import { buildReport, scopeOf } from '../../../src/journal/report/build-report.ts';
import { reportMarkdown } from '../../../src/journal/report/markdown.ts';
import type { Report } from '../../../src/journal/report/report.ts';
import { ownDir } from '../fixture.ts';
import { alert, began, deskIn, minute, plainIncident } from './story.ts';

function told() {
  const all = deskIn(ownDir());
  const after = (minutes: number): void => {
    all.clock.now = began + minutes * minute;
  };
  const report = (): Report => {
    const incident = all.desk.find('1');
    const { journal, clock } = all;
    const scope = scopeOf(incident, 'pencilcode', clock.now);
    const entries = journal.tail(1000);
    return buildReport({ incident, scope, fleetTitle: 'Pencil Code', entries, history: [], debts: [], now: clock.now });
  };
  const shown = (): string[] =>
    report()
      .timeline.filter((item) => item.significant)
      .map((item) => `${item.at.slice(11, 16)} ${item.text}`);
  return { ...all, after, report, shown };
}

describe('how long an incident was', () => {
  test('is until the trouble was over, however late it was closed, and over midnight', () => {
    const { desk, after, report } = told();
    desk.start({ ...plainIncident, began });
    after(60);
    desk.severity(null, 'sev1', null);
    after(10 * 60);
    desk.time(null, 'resolved');
    after(40 * 60);
    const incident = desk.time(null, 'closed');
    expect(spanOf(incident)).toEqual({ from: began, to: began + 600 * minute });
    expect([...timeAtSeverity(incident, began + 3000 * minute)]).toEqual([
      ['sev2', 60 * minute],
      ['sev1', 540 * minute],
    ]);
    const made = report();
    expect(made.analysis.overview?.text).toContain('It lasted 10h, 2026-11-22 14:07 to 2026-11-23 00:07 UTC.');
    expect(made.timeline.at(-1)).toMatchObject({ text: 'Closed', at: '2026-11-24T06:07:00.000Z' });
  });

  test('is told with the worst severity where it was worse than it is', () => {
    const { desk, after, report } = told();
    desk.start(plainIncident);
    after(1);
    desk.severity(null, 'sev1', 'everybody');
    after(2);
    const incident = desk.severity(null, 'sev3', null);
    expect(worstOf(incident)).toBe('sev1');
    expect(report().worstSeverity).toBe('SEV-1');
    expect(reportMarkdown(report())).toContain('| Severity | SEV-3 (SEV-1 at its worst) |');
  });
});

describe('a time of an incident', () => {
  test('that is told again stands once in the timeline, with its last word; an end after it was opened again is another', () => {
    const { desk, after, shown } = told();
    after(2);
    desk.start({ ...plainIncident, began });
    desk.time(null, 'began', began + minute);
    after(3);
    desk.time(null, 'resolved');
    desk.time(null, 'resolved', began + 2.5 * minute);
    desk.reopen('1', 'it is back');
    after(4);
    desk.time(null, 'resolved');
    expect(shown()).toEqual([
      '14:08 The trouble began',
      '14:09 Incident declared SEV-2: web is slow',
      '14:09 Resolved',
      '14:10 Opened again: it is back',
      '14:11 Resolved',
    ]);
  });

  test('is not moved by telling it again without saying where to', () => {
    const { desk, after } = told();
    desk.start(plainIncident);
    desk.time(null, 'closed');
    after(5);
    expect(() => desk.time('1', 'closed')).toThrow(
      'INC-1 has its time closed already, 2026-11-22 14:07 UTC; another is told with --at TIME',
    );
    expect(desk.time('1', 'closed', began + minute).times.closed?.at).toBe(began + minute);
  });

  test('cannot end the trouble before it began, nor after it was closed', () => {
    const { desk, after } = told();
    after(10);
    desk.start({ ...plainIncident, began });
    expect(() => desk.time(null, 'resolved', began - minute)).toThrow('it began 2026-11-22 14:07 UTC');
    desk.time(null, 'resolved', began + 5 * minute);
    expect(() => desk.time(null, 'began', began + 6 * minute)).toThrow('it was resolved 2026-11-22 14:12 UTC');
    desk.time(null, 'closed', began + 7 * minute);
    expect(() => desk.time('1', 'mitigated', began + 8 * minute)).toThrow('it was closed 2026-11-22 14:14 UTC');
  });

  test('of an alert’s end is proven by the entry that told of the end', () => {
    const { journal, desk, after, report } = told();
    const alerts = new AlertLog({ journal, fleet: 'pencilcode', who: 'ann@deck' });
    alerts.take([alert()], began);
    desk.start({ ...plainIncident, began });
    after(3);
    alerts.take([], began + 3 * minute);
    const [begin, end] = report().timeline.filter((item) => item.source === 'alert');
    expect(end?.evidence.journal).toBe(journal.ofKinds(['alert']).at(-1)?.seq);
    expect(begin?.evidence.journal).toBe(1);
  });
});

describe('what is told of an incident', () => {
  test('is refused where it says nothing new: a role that is held, an open incident opened again', () => {
    const { desk } = told();
    desk.start(plainIncident);
    desk.role(null, 'commander', 'ann');
    expect(() => desk.role(null, 'commander', 'ann')).toThrow('ann is already commander of INC-1');
    expect(() => desk.role(null, 'scribe', 'bo', 'leave')).toThrow('bo is not scribe of INC-1');
    expect(() => desk.reopen('1', 'why')).toThrow('INC-1 is open');
    desk.time(null, 'resolved');
    expect(desk.reopen('1', 'it is back').status).toBe('open');
  });

  test('loses no TODO of a note that has several', () => {
    const { desk, shown } = told();
    desk.start(plainIncident);
    desk.note(null, 'slow TODO call Bob\nTODO alert on D state TODO: tell ops');
    expect(desk.find('1').followUps.map(({ text }) => text)).toEqual(['call Bob; alert on D state; tell ops']);
    expect(shown().at(-1)).toBe('14:07 slow (to do: call Bob) (to do: alert on D state) (to do: tell ops)');
  });

  test('is one line where a line is meant, whatever was pasted into it', () => {
    const { desk } = told();
    expect(desk.start({ ...plainIncident, title: 'web is\r\n  slow\n' }).title).toBe('web is slow');
  });
});
