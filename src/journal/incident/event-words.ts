import type { IncidentEvent, Severity } from './event.ts';

/** One event in words, for lists and timelines. */
export function eventWords(event: IncidentEvent): string {
  switch (event.event) {
    case 'start':
      return `declared ${sev(event.severity)}: ${event.title}`;
    case 'scope':
      return `takes part: ${[...event.hosts, ...event.services].join(', ')}`;
    case 'visibility':
      return `visibility ${event.to}`;
    case 'title':
      return `title: ${event.to}`;
    case 'severity':
      return `severity ${sev(event.to)}${event.why === null ? '' : `: ${event.why}`}`;
    case 'time':
      return event.which;
    case 'reopen':
      return `opened again: ${event.why}`;
    case 'role':
      return `${event.person} ${event.change === 'take' ? 'is' : 'is no longer'} ${event.role}`;
    case 'note':
      return event.source === null
        ? event.text
        : `seen on ${[event.source.host, event.source.service].filter(Boolean).join('/')}: ${event.text}`;
    case 'follow-up':
      return `follow-up ${event.of}${event.done ? ' done' : ''}${event.owner === null ? '' : `, owner ${event.owner}`}${event.ticket === null ? '' : `, ${event.ticket}`}${event.due === null ? '' : `, due ${event.due}`}`;
    case 'decision':
      return `decided: ${event.question} ${event.outcome}${event.executes === null ? '' : `, ${event.executes} proceeding`}`;
    case 'update':
      return `update to ${event.to.length === 0 ? 'everyone' : event.to.join(', ')}: ${event.text}`;
    case 'impact':
      return `impact: ${event.name} ${event.value}${event.unit === null ? '' : ` ${event.unit}`}`;
    case 'analysis':
      return `analysis: ${event.field}`;
    case 'evidence':
      return `evidence: ${event.text}`;
    default:
      return event satisfies never;
  }
}

/** `SEV-1` */
export function sev(severity: Severity): string {
  return severity.replace('sev', 'SEV-');
}
