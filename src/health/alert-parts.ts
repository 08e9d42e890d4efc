import type { Host } from '../fleet/host.ts';
import { type Fleet, servicesOn } from '../fleet/definition.ts';
import { formatDuration } from '../fleet/duration.ts';
import type { ReasonSubject } from '../fleet/health.ts';
import { debtForgotten, debtOwed, networkDown, nfsServerHung, ownAlertNames } from './alert-kind.ts';
import { type AlertSource, hereSource, hostSource, type JudgedHost, skewSource } from './alert-source.ts';
import type { AlertInput } from './alerts.ts';
import { backupSource } from './backups.ts';
import { isHostSilence } from './evidence.ts';
import { oomShownMs } from './memory.ts';
import { forgottenBy, reminderOf } from './owed.ts';
import { loopWindowMs } from './restarts.ts';

/** What to ask anew for news of a part; `null` where the clock alone tells. */
export type PartAsk =
  | { readonly kind: 'round'; readonly hostId: string }
  | { readonly kind: 'check'; readonly hostId: string; readonly name: string }
  | { readonly kind: 'backup'; readonly hostId: string; readonly name: string }
  | { readonly kind: 'pool'; readonly name: string };

/** One thing that can raise an alert, and what its newest evidence says of it. */
export interface AlertPart {
  /** Of all parts of one alert, this one. */
  readonly key: string;
  readonly ask: PartAsk | null;
  /** `bad`: its reason stands, whether or not it has held long enough for an alert. `unseen`: nothing fresh shows either. */
  readonly state: 'good' | 'bad' | 'unseen';
  /** Epoch ms of the evidence. */
  readonly at: number;
  readonly why: string;
}

/**
 * All that can raise an alert of this name, on this host where one is given: that there is no alert says nothing while one of these has not
 * been seen well. Empty when nothing of this fleet raises such an alert there.
 */
export function alertParts(name: string, hostId: string | null, input: AlertInput): readonly AlertPart[] {
  const hosts = input.hosts.filter(({ host }) => hostId === null || host.id === hostId);
  if (name === networkDown) return hostId === null ? [networkPart(input)] : [];
  if (name === debtOwed || name === debtForgotten) return debtParts(name, hostId, input);
  // Its clients raise it together: it hangs when all that can be heard say so.
  if (name === nfsServerHung) return input.hosts.filter(isHeard).flatMap((judged) => hostParts('nfs-hung', judged, input));
  const backups = name.startsWith('backup-') ? backupParts(name, hosts, input) : [];
  const wide = hostId === null ? [...herePart(name, input), ...skewParts(name, input)] : [];
  return [...hosts.flatMap((judged) => hostParts(name, judged, input)), ...backups, ...wide];
}

const isHeard = ({ reach }: JudgedHost): boolean => reach.reach === 'ok';

function networkPart({ hosts, now }: AlertInput): AlertPart {
  const heard = hosts.some(isHeard);
  return { key: networkDown, ask: null, state: heard ? 'good' : 'unseen', at: now, why: heard ? '' : 'no host was heard yet' };
}

function debtParts(name: string, hostId: string | null, input: AlertInput): readonly AlertPart[] {
  const debts = input.debts.filter((debt) => hostId === null || debt.hostId === hostId);
  const parts = debts.flatMap((debt) => {
    const ask: PartAsk | null = name === debtForgotten && debt.pool !== null ? { kind: 'pool', name: debt.pool } : null;
    const sources = name === debtOwed ? [reminderOf(debt, input)] : forgottenBy(debt, input);
    return sources.map((source) => partOf(source, name, { kind: 'host' }, ask, input));
  });
  return parts.length > 0 ? parts : [{ key: name, ask: null, state: 'good', at: input.now, why: '' }];
}

function hostParts(name: string, judged: JudgedHost, input: AlertInput): readonly AlertPart[] {
  const { host } = judged;
  const subject = subjectOn(name, host, input.fleet);
  if (subject === null) return [];
  const source = hostSource(judged);
  const ask: PartAsk =
    subject.kind === 'check' ? { kind: 'check', hostId: host.id, name: subject.check } : { kind: 'round', hostId: host.id };
  const part = partOf(source, name, subject, ask, input);
  const open = judged.notJudged.some((key) => key === name || key.startsWith(`${name}#`));
  if (open && part.state === 'good') return [{ ...part, state: 'unseen', why: `${host.name} has not told it yet` }];
  const watchedMs = isHeard(judged) ? input.now - judged.reach.since : 0;
  const neededMs = rememberedMs(name, subject);
  if (part.state !== 'good' || watchedMs >= neededMs || judged.verdict.health === 'stopped') return [part];
  const why = `${host.name} is watched for ${formatDuration(watchedMs)}, and ${name} tells of the last ${formatDuration(neededMs)}`;
  return [{ ...part, state: 'unseen', why }];
}

/** How far back an alert tells of what happened, ms: who has not watched so long cannot say that it did not. */
function rememberedMs(name: string, subject: ReasonSubject): number {
  if (subject.kind === 'service' && name === `${subject.service}-restarting`) return loopWindowMs;
  return name === 'oom-kill' ? oomShownMs : 0;
}

function subjectOn(name: string, host: Host, fleet: Fleet): ReasonSubject | null {
  const service = servicesOn(fleet, host.role).find(
    (spec) => name.startsWith(`${spec.name}-`) && serviceEnds.has(name.slice(spec.name.length + 1)),
  );
  if (service !== undefined) return { kind: 'service', service: service.name };
  const check = fleet.checks.find(
    (spec) => spec.from === 'host' && host.role !== null && spec.on.includes(host.role) && isOfCheck(name, spec.name),
  );
  if (check !== undefined) return { kind: 'check', check: check.name };
  const own = name === 'nfs-iops-unknown' || (ownAlertNames.includes(name) && name !== networkDown && name !== nfsServerHung);
  return own || isHostSilence(name, { kind: 'host' }) ? { kind: 'host' } : null;
}

const serviceEnds = new Set(['down', 'restarting', 'starting', 'stopping', 'unknown']);
const isOfCheck = (name: string, check: string): boolean => name === `${check}-failing` || name === `${check}-unknown`;

function herePart(name: string, input: AlertInput): readonly AlertPart[] {
  const source = hereSource(input.fleet, input.checksHere, input.now);
  return input.fleet.checks.flatMap((spec) =>
    spec.from === 'here' && isOfCheck(name, spec.name)
      ? [partOf(source, name, { kind: 'check', check: spec.name }, { kind: 'check', hostId: '', name: spec.name }, input)]
      : [],
  );
}

function skewParts(name: string, input: AlertInput): readonly AlertPart[] {
  if (name !== 'version-skew') return [];
  return input.skew.flatMap((judged) => {
    const members = input.hosts.filter(({ host }) => host.role === judged.role && host.cloudState !== 'stopped');
    const part = partOf(skewSource(judged), name, { kind: 'check', check: judged.check }, null, input);
    return members.map(
      ({ host }): AlertPart => ({
        ...part,
        key: `${part.key}@${host.id}`,
        ask: { kind: 'check', hostId: host.id, name: judged.check },
      }),
    );
  });
}

const backupNames = new Set(['backup-old', 'backup-failed', 'backup-unknown']);

function backupParts(name: string, hosts: readonly JudgedHost[], input: AlertInput): readonly AlertPart[] {
  if (!backupNames.has(name)) return [];
  return input.backups.flatMap((state) => {
    const judged = hosts.find(({ host }) => host.id === state.hostId);
    if (judged === undefined) return [];
    const ask: PartAsk = { kind: 'backup', hostId: state.hostId, name: state.name };
    return [partOf(backupSource(state, judged.host, input.now), name, { kind: 'host' }, ask, input)];
  });
}

/** What a source's newest evidence says of one of its alerts, by the rule that ends such an alert. */
function partOf(source: AlertSource, name: string, subject: ReasonSubject, ask: PartAsk | null, { now }: AlertInput): AlertPart {
  const about = { key: `${source.id}#${name}`, ask, at: source.evidenceAt(subject, null) ?? now };
  const stands = source.reasons.find((reason) => reason.name === name);
  if (stands !== undefined) return { ...about, state: 'bad', why: stands.text };
  if (source.settles({ name, subject })) return { ...about, state: 'good', why: '' };
  const unknown = source.reasons.find((reason) => reason.health === 'unknown');
  return { ...about, state: 'unseen', why: unknown?.text ?? 'not everything that shows it has been asked yet' };
}
