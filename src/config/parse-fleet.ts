import { dirname } from 'node:path';
import type { Environment, Fleet, SshSettings } from '../fleet/definition.ts';
import { checkSourceSettings, type Variables } from './asked-values.ts';
import { checkMeaning } from './check-meaning.ts';
import { FleetReader, isMap } from './fleet-reader.ts';
import { type Complaint, unknownKey } from './issues.ts';
import { localPaths } from './local-path.ts';
import type { Problem } from './problem.ts';
import { actionOf, actionSchema, drainOf, drainSchema, maintenanceSchema, releaseOf, releaseSchema } from './schema/actions.ts';
import { readBackups } from './schema/backups.ts';
import { readChecks } from './schema/checks.ts';
import { environmentSchema, environmentsOf } from './schema/environments.ts';
import { readLimits } from './schema/limits.ts';
import { readPools } from './schema/pools.ts';
import * as sections from './schema/sections.ts';
import { serviceOf, serviceSchema } from './schema/services.ts';
import { localSetting, readSources } from './schema/sources.ts';
import { defaultSsh, sshSchema, sshSettingsOf } from './schema/ssh.ts';
import { SourceText } from './source-text.ts';
import { valueInWords } from './visible.ts';
import type { Finding } from './yaml-data.ts';
import { readYaml } from './yaml-tree.ts';

export type FleetResult =
  | { readonly ok: true; readonly fleet: Fleet; readonly notes: readonly string[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** More than anyone reads at once; then the last problem says that there are more. */
const mostProblems = 100;

/**
 * A fleet file's text as a checked fleet, or everything that is wrong with it, in the order of the file.
 * @param file path as the user gave it; relative paths in the file start at its folder
 * @param home folder that `~` stands for
 * @param env variables that answer what the file asks for by name
 */
export function parseFleet(text: string, file: string, home: string, env: Variables = process.env): FleetResult {
  const source = new SourceText(text);
  const { tree, findings } = readYaml(source);
  if (tree === null) return { ok: false, problems: problemsOf(findings, source, file) };
  if (!isMap(tree.data)) {
    const what = tree.data === null ? 'The file is empty.' : `The file must be a map of keys, not ${valueInWords(tree.data)}.`;
    const finding = { span: tree.span([], 'value'), message: what, remedy: 'Begin with "fleet: NAME".' };
    return { ok: false, problems: problemsOf(findings.length > 0 ? findings : [finding], source, file) };
  }
  const reader = new FleetReader(tree.data, env);
  const { fleet, notes } = readFleet(reader, tree.data, file, home);
  checkSourceSettings(reader, fleet, env);
  const complaints = reader.complaints.map((complaint: Complaint) => ({ ...complaint, span: tree.span(complaint.path, complaint.at) }));
  // What the YAML reader refused is missing from the data; that it is missing needs no second telling.
  const refused = new Set(findings.map(({ span }) => span.start));
  const all = [...findings, ...complaints.filter(({ span }) => !refused.has(span.start))];
  if (all.length > 0) return { ok: false, problems: problemsOf(all, source, file) };
  return { ok: true, fleet, notes };
}

/** The fleet as far as it could be read; it is whole only when the reader has no complaints. */
function readFleet(
  reader: FleetReader,
  root: Readonly<Record<string, unknown>>,
  file: string,
  home: string,
): { fleet: Fleet; notes: string[] } {
  const unknown = Object.keys(root).filter((key) => !sections.sectionNames.includes(key));
  for (const key of unknown.slice(0, mostProblems + 1)) reader.complaints.push(unknownKey([key], sections.sectionNames));
  const local = localPaths(dirname(file), home);
  const name = readName(reader);
  const { ssh, sshByRole } = readSsh(reader, local);
  const bulk = reader.readSection(sections.bulkSchema, 'bulk') ?? {};
  const approve = reader.readSection(sections.approveSchema, 'approve') ?? {};
  const playbooks = reader.readSection(sections.playbooksSchema, 'playbooks');
  const contacts = reader.readSection(sections.contactsSchema, 'contacts');
  const checks = readChecks(reader);
  const fleet: Fleet = {
    name,
    title: reader.readSection(sections.titleSchema, 'title') ?? name,
    file,
    environments: readEnvironments(reader),
    sources: readSources(reader, local),
    ssh,
    sshByRole,
    poll: readPoll(reader),
    services: [...reader.readEntries(serviceSchema, 'services')].map(([service, given]) => serviceOf(service, given)),
    checks: checks.map((check) => (check.kind === 'mysql' ? { ...check, password: localSetting(check.password, local) } : check)),
    limits: readLimits(reader),
    depends: new Map(Object.entries(reader.readSection(sections.dependsSchema, 'depends') ?? {})),
    approve: { over: approve.over ?? null, danger: approve.danger ?? false },
    bulk: { canary: bulk.canary ?? 1, batch: bulk.batch ?? 1, healthy: bulk.healthy ?? 3, stopAfter: bulk.stop_after ?? 1 },
    pools: readPools(reader),
    backups: readBackups(reader),
    releases: [...reader.readEntries(releaseSchema, 'releases')].map(([release, given]) => releaseOf(release, given)),
    drains: [...reader.readEntries(drainSchema, 'drains')].map(([drain, given]) => drainOf(drain, given)),
    maintenanceMode: readMaintenance(reader),
    actions: [...reader.readEntries(actionSchema, 'actions')].map(([action, given]) => actionOf(action, given)),
    never: reader.readSection(sections.neverSchema, 'never') ?? [],
    redact: reader.readSection(sections.redactSchema, 'redact') ?? [],
    playbooks: playbooks === undefined ? null : local(playbooks),
    contacts: contacts === undefined ? null : local(contacts),
    notify: readNotify(reader, local),
    routines: readRoutines(reader),
  };
  return { fleet, notes: checkMeaning(reader, fleet) };
}

function readName(reader: FleetReader): string {
  const name = reader.readSection(sections.fleetNameSchema, 'fleet');
  if (reader.section('fleet') === undefined)
    reader.complain(['fleet'], 'key', 'The file does not say what the fleet is called.', 'Begin with "fleet: NAME".');
  return name ?? '';
}

function readEnvironments(reader: FleetReader): Environment[] {
  const given = reader.readEntries(environmentSchema, 'environments');
  if (given.get('default')?.match !== undefined) {
    reader.complain(
      ['environments', 'default', 'match'],
      'key',
      'The environment default takes what nothing else matched, so it has no match.',
      'Leave match out.',
    );
  }
  return environmentsOf(given);
}

function readSsh(reader: FleetReader, local: (path: string) => string): { ssh: SshSettings; sshByRole: ReadonlyMap<string, SshSettings> } {
  const given = reader.readSection(sshSchema, 'ssh') ?? {};
  const ssh = sshSettingsOf(given, defaultSsh(local), local);
  const roles = Object.entries(given.roles ?? {}).map(([role, own]): [string, SshSettings] => [role, sshSettingsOf(own, ssh, local)]);
  return { ssh, sshByRole: new Map(roles) };
}

function readPoll(reader: FleetReader): Fleet['poll'] {
  const given = reader.readSection(sections.pollSchema, 'poll') ?? {};
  const everyMs = given.every ?? 5000;
  return {
    everyMs,
    deadlineMs: given.deadline ?? 10_000,
    staleMs: given.stale ?? Math.max(15_000, 3 * everyMs),
    handshakes: given.handshakes ?? 32,
  };
}

function readMaintenance(reader: FleetReader): Fleet['maintenanceMode'] {
  const entries = [...reader.readEntries(maintenanceSchema, 'maintenance_mode')];
  return new Map(entries.map(([role, { on, off, check }]) => [role, { on, off, check: check ?? null }]));
}

function readNotify(reader: FleetReader, local: (path: string) => string): Fleet['notify'] {
  const given = reader.readSection(sections.notifySchema, 'notify') ?? {};
  const mail = given.mail === undefined ? null : { to: given.mail.to, smtp: given.mail.smtp ?? 'localhost:25' };
  return { webhook: localSetting(given.webhook ?? null, local), mail, bell: given.bell ?? true };
}

function readRoutines(reader: FleetReader): Fleet['routines'] {
  const given = reader.readSection(sections.routinesSchema, 'routines') ?? {};
  return { daily: given.daily ?? [], weekly: given.weekly ?? [] };
}

function problemsOf(findings: readonly Finding[], source: SourceText, file: string): Problem[] {
  const sorted = findings.toSorted((a, b) => a.span.start - b.span.start);
  const shown = sorted.slice(0, mostProblems).map((finding) => problemOf(finding, source, file));
  const next = sorted[mostProblems];
  if (next === undefined) return shown;
  return [...shown, problemOf({ span: next.span, message: 'There are more problems from here on.', remedy: null }, source, file)];
}

function problemOf(finding: Finding, source: SourceText, file: string): Problem {
  const { line, column } = source.positionAt(finding.span.start);
  return { file, line, column, message: finding.message, remedy: finding.remedy, excerpt: source.excerpt(finding.span) };
}
