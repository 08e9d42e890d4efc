import { type Command, Option } from 'commander';
import { globalOptions } from '../global-options.ts';
import type { ExportOptions } from './export.ts';
import type { Telling } from './write-events.ts';

type Done = (status: number) => void;
type Values = Readonly<Record<string, unknown>>;

/** `incident` and what is told of one; each action loads only what it needs. */
export function addIncident(program: Command, done: Done): void {
  const incident = program
    .command('incident')
    .description('the record of an incident: a span of the journal that writes itself, and what people add');
  addStart(incident, done);
  addTelling(incident, done);
  addEnd(incident, done);
  addReading(incident, done);
}

function addStart(incident: Command, done: Done): void {
  incident
    .command('start')
    .description('declare an incident, by hand or from an alert')
    .argument('[title...]', 'what is wrong, in a few words; from an alert its own words')
    .option('--alert <id>', 'start from this alert: its root cause, hosts and beginning')
    .option('--severity <sev>', 'sev1 (the worst) to sev5 (default: sev3, sev2 from a critical alert)')
    .addOption(new Option('--visibility <who>', 'who may know').choices(['internal', 'public']).default('internal'))
    .option('--host <name>', 'a host that takes part; may be repeated', more, [])
    .option('--service <name>', 'a service that takes part; may be repeated', more, [])
    .option('--at <time>', 'when it was declared: 14:07 (UTC), 5m (ago) or 2026-11-22T14:07Z (default: now)')
    .option('--began <time>', 'when the trouble began')
    .option('--detected <time>', 'when it was noticed')
    .option('--commander <person>', 'who leads')
    .option('--json', 'print the incident as one JSON object')
    .action(async (title: string[], values: Values, command: Command) => {
      const { incidentStart } = await import('./start.ts');
      const { severityNamed } = await import('./write-events.ts');
      const severity = text(values, 'severity');
      done(
        await incidentStart(globalOptions(command), {
          title: title.join(' '),
          severity: severity === null ? null : severityNamed(severity),
          visibility: values['visibility'] === 'public' ? 'public' : 'internal',
          alert: text(values, 'alert'),
          hosts: texts(values, 'host'),
          services: texts(values, 'service'),
          at: text(values, 'at'),
          began: text(values, 'began'),
          detected: text(values, 'detected'),
          commander: text(values, 'commander'),
          json: values['json'] === true,
        }),
      );
    });
}

function addTelling(incident: Command, done: Done): void {
  telling(incident, 'note', 'add a note; a TODO in it becomes a follow-up')
    .argument('<text...>', 'the note')
    .option('--host <name>', 'the note is a line of a log of this host')
    .option('--service <name>', 'and of this service')
    .action(async (words: string[], values: Values, command: Command) => {
      const { incidentNote } = await import('./write-events.ts');
      const how = { ...tellingOf(values), host: text(values, 'host'), service: text(values, 'service') };
      done(await incidentNote(globalOptions(command), words.join(' '), how));
    });
  telling(incident, 'role', 'say who has a role: commander, ops, comms, scribe, expert')
    .argument('<role>')
    .argument('<person>')
    .option('--leave', 'the person gives the role up')
    .action(async (role: string, person: string, values: Values, command: Command) => {
      const { incidentRole } = await import('./write-events.ts');
      done(await incidentRole(globalOptions(command), role, person, { ...tellingOf(values), leave: values['leave'] === true }));
    });
  telling(incident, 'decide', 'record a decision: the question, and what was decided')
    .argument('<question>')
    .argument('<outcome>')
    .option('--option <text>', 'one of the options there were; may be repeated', more, [])
    .option('--executes <person>', 'who carries it out')
    .action(async (question: string, outcome: string, values: Values, command: Command) => {
      const { incidentDecide } = await import('./write-events.ts');
      const how = { ...tellingOf(values), options: texts(values, 'option'), executes: text(values, 'executes') };
      done(await incidentDecide(globalOptions(command), question, outcome, how));
    });
  telling(incident, 'update', 'record an update that was given, and with --send give it')
    .argument('<text...>')
    .option('--to <whom>', 'who was told; may be repeated. With --send: webhook, mail or an address (default: all of notify:)', more, [])
    .option('--send', 'send it through notify: of the fleet file')
    .action(async (words: string[], values: Values, command: Command) => {
      const { incidentUpdate } = await import('./update.ts');
      const how = { ...tellingOf(values), to: texts(values, 'to'), send: values['send'] === true };
      done(await incidentUpdate(globalOptions(command), words.join(' '), how));
    });
  telling(incident, 'severity', 'change the severity')
    .argument('<sev>', 'sev1 (the worst) to sev5')
    .option('--why <text>', 'why')
    .action(async (severity: string, values: Values, command: Command) => {
      const { incidentSeverity } = await import('./write-events.ts');
      done(await incidentSeverity(globalOptions(command), severity, { ...tellingOf(values), why: text(values, 'why') }));
    });
  telling(incident, 'time', 'set a time: began, detected, acknowledged, declared, mitigated, resolved, closed')
    .argument('<which>')
    .action(async (which: string, values: Values, command: Command) => {
      const { incidentTime } = await import('./write-events.ts');
      done(await incidentTime(globalOptions(command), which, tellingOf(values)));
    });
  telling(incident, 'scope', 'add hosts and services that take part')
    .option('--host <name>', 'may be repeated', more, [])
    .option('--service <name>', 'may be repeated', more, [])
    .action(async (values: Values, command: Command) => {
      const { incidentScope } = await import('./write-events.ts');
      done(await incidentScope(globalOptions(command), texts(values, 'host'), texts(values, 'service'), tellingOf(values)));
    });
  telling(incident, 'impact', 'record an exact number: minutes, requests, users, tickets')
    .argument('<name>', 'what was counted')
    .argument('<value>')
    .argument('[unit]')
    .action(async (name: string, value: string, unit: string | undefined, values: Values, command: Command) => {
      const { incidentImpact } = await import('./write-events.ts');
      done(await incidentImpact(globalOptions(command), name, value, unit ?? null, tellingOf(values)));
    });
  telling(incident, 'analysis', 'write a text of the report: overview, what-happened, contributing-factors, went-well, went-wrong, …')
    .argument('<field>')
    .argument('<text...>')
    .action(async (field: string, words: string[], values: Values, command: Command) => {
      const { incidentAnalysis } = await import('./write-events.ts');
      done(await incidentAnalysis(globalOptions(command), field, words.join(' '), tellingOf(values)));
    });
  telling(incident, 'follow-up', 'say who does what a TODO asks for, where and until when')
    .argument('<number>', 'the number before it in incident show')
    .option('--owner <person>')
    .option('--ticket <id>')
    .option('--due <date>')
    .option('--done', 'it is done')
    .action(async (of: string, values: Values, command: Command) => {
      const { incidentFollowUp } = await import('./write-events.ts');
      const how = { owner: text(values, 'owner'), ticket: text(values, 'ticket'), due: text(values, 'due'), done: values['done'] === true };
      done(await incidentFollowUp(globalOptions(command), of, { ...tellingOf(values), ...how }));
    });
  telling(incident, 'evidence', 'note a file as evidence, with its SHA-256')
    .argument('<file>')
    .argument('[text...]', 'what it shows')
    .action(async (file: string, words: string[], values: Values, command: Command) => {
      const { incidentEvidence } = await import('./export.ts');
      done(await incidentEvidence(globalOptions(command), file, { ...tellingOf(values), text: words.join(' ') || file }));
    });
}

function addEnd(incident: Command, done: Done): void {
  for (const [name, which, what] of [
    ['mitigate', 'mitigated', 'the effect on users is over'],
    ['resolve', 'resolved', 'the trouble is over'],
    ['close', 'closed', 'all is told and done'],
  ] as const) {
    telling(incident, name, what)
      .argument('[id]', 'INC-3; none means the only open one')
      .action(async (id: string | undefined, values: Values, command: Command) => {
        const { incidentTime } = await import('./write-events.ts');
        const how = tellingOf(values);
        done(await incidentTime(globalOptions(command), which, { ...how, id: id ?? how.id }));
      });
  }
  incident
    .command('reopen')
    .description('open an incident again')
    .argument('<id>')
    .argument('<why...>')
    .option('--json', 'print the incident as one JSON object')
    .action(async (id: string, why: string[], values: Values, command: Command) => {
      const { incidentReopen } = await import('./write-events.ts');
      done(await incidentReopen(globalOptions(command), id, why.join(' '), values['json'] === true));
    });
}

function addReading(incident: Command, done: Done): void {
  incident
    .command('list')
    .description('list the open incidents')
    .option('--all', 'closed ones too')
    .option('--json', 'a JSON object per line')
    .action(async (values: Values, command: Command) => {
      const { incidentList } = await import('./show.ts');
      done(await incidentList(globalOptions(command), values['all'] === true, values['json'] === true));
    });
  incident
    .command('show')
    .description('show one incident')
    .argument('[id]', 'INC-3; none means the only open one')
    .option('--json', 'print it as one JSON object')
    .action(async (id: string | undefined, values: Values, command: Command) => {
      const { incidentShow } = await import('./show.ts');
      done(await incidentShow(globalOptions(command), id ?? null, values['json'] === true));
    });
  exporting(incident.command('export').description('write the report of an incident, timeline and charts included'))
    .argument('[id]', 'INC-3; none means the open one, else the newest')
    .action(async (id: string | undefined, values: Values, command: Command) => {
      const { incidentExport } = await import('./export.ts');
      done(await incidentExport(globalOptions(command), id ?? null, exportOf(values)));
    });
  incident
    .command('handoff')
    .description('what the next shift must know: open alerts, debts, runs and incidents, changes, notes, routines')
    .option('--since <time>', 'when the shift began: 8h (ago), 06:00 (UTC) or 2026-11-22T06:00Z (default: 8h)')
    .option('--json', 'one JSON object')
    .option('--out <file>', 'write a new file for you only, in place of standard output')
    .action(async (values: Values, command: Command) => {
      const { incidentHandoff } = await import('./handoff.ts');
      done(
        await incidentHandoff(globalOptions(command), {
          since: text(values, 'since'),
          json: values['json'] === true,
          out: text(values, 'out'),
        }),
      );
    });
  incident
    .command('routine')
    .description('list the regular duties of the fleet file, or tick one off')
    .argument('[text...]', 'the duty, or how it begins')
    .option('--skip', 'it was left undone; needs --note')
    .option('--undo', 'it was ticked off by mistake')
    .option('--note <text>', 'what was found')
    .option('--json', 'a JSON object per duty')
    .action(async (words: string[], values: Values, command: Command) => {
      const { incidentRoutine } = await import('./handoff.ts');
      const state = values['undo'] === true ? 'undone' : values['skip'] === true ? 'skipped' : 'done';
      const how = { state, note: text(values, 'note'), json: values['json'] === true } as const;
      done(await incidentRoutine(globalOptions(command), words.length === 0 ? null : words.join(' '), how));
    });
}

/** `journal export`: the same report of any period. */
export function addJournalExport(journal: Command, done: Done): void {
  exporting(journal.command('export').description('write a report of a period: alerts, changes, runs, notes and charts'))
    .option('--since <time>', 'from when: 8h (ago), 06:00 (UTC) or 2026-11-22T06:00Z (default: 8h)')
    .option('--until <time>', 'until when (default: now)')
    .option('--host <name>', 'only what concerns this host; may be repeated', more, [])
    .exitOverride()
    .action(async (values: Values, command: Command) => {
      const { journalExport } = await import('./export.ts');
      const period = { from: text(values, 'since'), to: text(values, 'until'), hosts: texts(values, 'host') };
      done(await journalExport(globalOptions(command), period, exportOf(values)));
    });
}

function exporting(command: Command): Command {
  return command
    .addOption(new Option('--format <format>', 'of the report').choices(['markdown', 'json', 'html']).default('markdown'))
    .addOption(new Option('--template <form>', 'plain text in a form of Sugar Labs').choices(['aslo', 'aslo-announcement']))
    .option('--external', 'without hosts, names, commands and addresses')
    .option('--out <file>', 'write a new file for you only, in place of standard output');
}

function exportOf(values: Values): ExportOptions {
  const format = values['format'] === 'json' || values['format'] === 'html' ? values['format'] : 'markdown';
  const template = values['template'] === 'aslo' || values['template'] === 'aslo-announcement' ? values['template'] : null;
  return { format, template, external: values['external'] === true, out: text(values, 'out') };
}

function telling(incident: Command, name: string, what: string): Command {
  return incident
    .command(name)
    .description(what)
    .option('--id <id>', 'INC-3 (default: the only open one)')
    .option('--at <time>', 'when it happened: 14:07 (UTC), 5m (ago) or 2026-11-22T14:07Z (default: now)')
    .option('--json', 'print the incident as one JSON object');
}

function tellingOf(values: Values): Telling {
  return { id: text(values, 'id'), at: text(values, 'at'), json: values['json'] === true };
}

function text(values: Values, name: string): string | null {
  const value = values[name];
  return typeof value === 'string' ? value : null;
}

function texts(values: Values, name: string): readonly string[] {
  const value = values[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function more(value: string, before: string[]): string[] {
  return [...before, value];
}
