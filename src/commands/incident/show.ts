import { formatDuration } from '../../fleet/duration.ts';
import { type Incident, holderOf, spanOf, updateDueAt } from '../../journal/incident/incident.ts';
import type { GlobalOptions } from '../global-options.ts';
import { exitCode } from '../usage-error.ts';
import { incidentLine, withDesk } from './open-desk.ts';

/** Lists the open incidents of the fleet, or all of them. */
export function incidentList(options: GlobalOptions, all: boolean, json: boolean): Promise<number> {
  return withDesk(options, ({ desk, fleet }) => {
    const shown = all ? desk.all().filter((incident) => incident.fleet === fleet.name) : desk.open();
    for (const incident of shown) process.stdout.write(json ? `${JSON.stringify(incident)}\n` : `${incidentLine(incident)}\n`);
    return exitCode.ok;
  });
}

/** One incident, for reading: what it is, who does what, what was decided, what is to be done. */
export function incidentShow(options: GlobalOptions, id: string | null, json: boolean): Promise<number> {
  return withDesk(options, ({ desk }) => {
    const incident = desk.find(id);
    process.stdout.write(json ? `${JSON.stringify(incident)}\n` : `${words(incident, Date.now()).join('\n')}\n`);
    return exitCode.ok;
  });
}

function words(incident: Incident, now: number): readonly string[] {
  const { from, to } = spanOf(incident);
  const due = updateDueAt(incident);
  const times = Object.entries(incident.times).flatMap(([which, told]) =>
    told === null ? [] : [`  ${which.padEnd(13)}${stamp(told.at)}  ${told.who}${told.late ? '  (entered late)' : ''}`],
  );
  const roles = incident.roles.map(
    (span) => `  ${span.role.padEnd(13)}${span.person}  from ${stamp(span.at)}${span.until === null ? '' : ` until ${stamp(span.until)}`}`,
  );
  const notes = incident.notes.map(
    (note) => `  ${stamp(note.at)}  ${note.who}: ${note.text.replaceAll('\n', '\n    ')}${note.late ? ' (entered late)' : ''}`,
  );
  const decisions = incident.decisions.map(
    (decision) =>
      `  ${stamp(decision.at)}  ${decision.question} ${decision.outcome}${decision.executes === null ? '' : `, ${decision.executes} executes`}`,
  );
  const updates = incident.updates.map(
    (update) => `  ${stamp(update.at)}  to ${update.to.join(', ') || 'everyone'}: ${update.text.replaceAll('\n', '\n    ')}`,
  );
  const todos = incident.followUps.map(
    (todo) =>
      `  ${String(todo.of).padStart(5)}  [${todo.done ? 'x' : ' '}] ${todo.text}  ${todo.owner ?? 'nobody yet'}${todo.ticket === null ? '' : `  ${todo.ticket}`}${todo.due === null ? '' : `  due ${todo.due}`}`,
  );
  return [
    incidentLine(incident),
    `  ${formatDuration((to ?? now) - from)}${to === null ? ' so far' : ''}, commander ${holderOf(incident, 'commander') ?? 'nobody'}${due === null ? '' : `, next update ${due < now ? 'was due' : 'due'} ${stamp(due)}`}`,
    ...part('Hosts', incident.hosts.length === 0 ? [] : [`  ${incident.hosts.join(' ')}`]),
    ...part('Times (UTC)', times),
    ...part('Roles', roles),
    ...part(
      'Impact',
      incident.impact.map((impact) => `  ${impact.name}: ${impact.value}${impact.unit === null ? '' : ` ${impact.unit}`}`),
    ),
    ...part('Notes', notes),
    ...part('Decisions', decisions),
    ...part('Updates', updates),
    ...part('Follow-ups', todos),
  ];
}

function part(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

function stamp(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}
