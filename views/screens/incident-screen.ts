import { formatClock } from '../../src/fleet/duration.ts';
import { sev } from '../../src/journal/incident/event-words.ts';
import { type FollowUp, type Incident, spanOf, updateDueAt } from '../../src/journal/incident/incident.ts';
import { impactWords } from '../../src/journal/report/report-words.ts';
import type { TimelineItem } from '../../src/journal/report/timeline-item.ts';
import { duration, plural, shortTime } from '../format.ts';
import type { Scene } from '../scene.ts';
import { blank, join, type Line, line, span } from '../terminal/line.ts';
import { paint } from '../terminal/paint.ts';
import { wrap } from '../terminal/width.ts';
import { glyphOf, type Token } from '../theme.ts';
import { field } from './card-field.ts';
import { heading } from './host-words.ts';

/** One incident: what is known of it, what is due, and its timeline, newest first so that it can be followed. */
export function incidentScreen(scene: Scene, id: string, scroll: number, height: number): string[] {
  const { columns, theme, viewport, console } = scene;
  const incident = console.incidents.list().find((one) => one.id === id) ?? null;
  const lines = incident === null ? [line('This incident is not known here.')] : incidentLines(scene, incident, columns - 2);
  viewport.maxTop = Math.max(0, lines.length - height);
  viewport.top = Math.min(scroll, viewport.maxTop);
  viewport.bodyRows = height;
  return lines.slice(viewport.top, viewport.top + height).map((spans) => paint(theme, [span(' '), ...spans], columns));
}

function incidentLines(scene: Scene, incident: Incident, width: number): Line[] {
  const { now, console } = scene;
  const { from, to } = spanOf(incident);
  const items = console.incidents.timeline(incident).filter((item) => item.significant);
  const token: Token = incident.status === 'open' ? 'crit' : incident.status === 'closed' ? 'ok' : 'warn';
  return [
    ...wrap(incident.title, width - 24).map(
      (part, index): Line =>
        index === 0
          ? [
              span(`${incident.id}  `, 'strong'),
              span(` ${sev(incident.severity)} `, 'armed'),
              span(' '),
              span(`${glyphOf(token)} ${incident.status}  `, token),
              span(part, 'strong'),
            ]
          : line(part, 'strong'),
    ),
    [span(`${to === null ? 'goes on for' : 'lasted'} ${duration((to ?? now) - from)}`, 'dim'), ...dueLine(incident, now)],
    ...field('times', timesWords(incident, now), width),
    ...(incident.hosts.length + incident.services.length === 0
      ? []
      : field('on', [...incident.hosts, ...incident.services].join(' '), width)),
    ...field('roles', rolesWords(incident), width),
    ...(incident.impact.length === 0 ? [] : field('impact', incident.impact.map(impactWords).join('  '), width)),
    ...decisionLines(incident, width),
    ...followUpLines(incident, width),
    ...updateLines(incident, now, width),
    blank,
    heading('timeline', `${plural(items.length, 'event')}, newest first, UTC`),
    ...items.toReversed().flatMap((item) => timelineLines(item, now, width)),
  ];
}

/** PagerDuty's deputy asks for an update about every half hour. */
function dueLine(incident: Incident, now: number): Line {
  const due = updateDueAt(incident);
  if (due === null) return [];
  return due <= now
    ? [span('   '), span(`an update is due since ${formatClock(due)}: u records one`, 'warn')]
    : [span('   '), span(`next update in ${duration(due - now)}`, 'dim')];
}

function timesWords({ times }: Incident, now: number): string {
  const known = (['began', 'detected', 'acknowledged', 'declared', 'mitigated', 'resolved', 'closed'] as const).flatMap((which) => {
    const time = times[which];
    return time === null ? [] : [`${which} ${shortTime(time.at, now)}${time.late ? ' (late)' : ''}`];
  });
  return known.join('  ');
}

function rolesWords({ roles }: Incident): string {
  const held = roles.filter((role) => role.until === null).map(({ role, person }) => `${role} ${person}`);
  return held.length === 0 ? 'nobody has one: r says who' : held.join('  ');
}

/** Beyond these the timeline would leave the screen; it has them all. */
const mostListed = 5;

function decisionLines({ decisions }: Incident, width: number): Line[] {
  const before = decisions.length - mostListed;
  return [
    ...decisions
      .slice(-mostListed)
      .flatMap(({ question, outcome, executes }, index) =>
        field(index === 0 ? 'decided' : '', `${question} ${outcome}${executes === null ? '' : `, ${executes} proceeding`}`, width),
      ),
    ...(before > 0 ? field('', `and ${before} before, in the timeline`, width, 'dim') : []),
  ];
}

function followUpLines({ followUps }: Incident, width: number): Line[] {
  const shown = followUps.toSorted((a, b) => Number(a.done) - Number(b.done)).slice(0, mostListed);
  const rest = followUps.filter((each) => !shown.includes(each));
  const done = rest.filter((each) => each.done).length;
  const more = [rest.length === done ? null : `${rest.length - done} more open`, done === 0 ? null : `${done} more done`];
  return [
    ...shown.flatMap((followUp, index) =>
      field(index === 0 ? 'to do' : '', followUpWords(followUp), width, followUp.done ? 'dim' : 'text'),
    ),
    ...(rest.length > 0 ? field('', `and ${more.filter((part) => part !== null).join(', ')}`, width, 'dim') : []),
  ];
}

function followUpWords({ text, owner, ticket, due, done }: FollowUp): string {
  const more = [done ? 'done' : (owner ?? 'nobody yet'), ticket, due === null ? null : `due ${due}`].filter((part) => part !== null);
  return `${text} (${more.join(', ')})`;
}

function updateLines({ updates }: Incident, now: number, width: number): Line[] {
  return updates
    .slice(-3)
    .flatMap(({ at, to, text }, index) =>
      field(index === 0 ? 'told' : '', `${shortTime(at, now)} ${to.length === 0 ? 'everyone' : to.join(', ')}: ${text}`, width),
    );
}

const sources: Readonly<Record<TimelineItem['source'], string>> = {
  alert: 'alert',
  change: 'change',
  run: 'run',
  incident: 'told',
  note: 'note',
  decision: 'choice',
  update: 'update',
  session: 'shell',
  debt: 'owed',
  other: '',
};

/** `14:07:31 note    text (ann, late)`; what a person typed has their name. */
function timelineLines(item: TimelineItem, now: number, width: number): Line[] {
  const marks = [item.by === 'person' ? item.who : null, item.late ? 'late' : null].filter((mark) => mark !== null);
  const day = now - item.at < 86_400_000 ? formatClock(item.at) : shortTime(item.at, now);
  const token: Token =
    item.outcome === 'crit' || item.outcome === 'failed'
      ? 'crit'
      : item.outcome === 'warn'
        ? 'warn'
        : item.by === 'person'
          ? 'text'
          : 'dim';
  const before = `${day} ${sources[item.source].padEnd(7)}`;
  const text = item.text.replace(/^(?:Update|Decided:) /, '');
  return wrap(text, width - before.length - 1).map((part, index, all) =>
    join(
      [
        [span(index === 0 ? before : ' '.repeat(before.length), 'dim'), span(` ${part}`, token)],
        index === all.length - 1 && marks.length > 0 ? line(`(${marks.join(', ')})`, 'dim') : blank,
      ],
      ' ',
    ),
  );
}
