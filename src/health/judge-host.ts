import { checksOn, servicesOn } from '../fleet/definition.ts';
import { type Health, healthRank, type Reason, worse } from '../fleet/health.ts';
import type { Sample } from '../fleet/sample.ts';
import { judgeChecks } from './checks.ts';
import { isStopped, judgeStoppedButHeard, withCloudState } from './cloud-state.ts';
import { judgeCpu } from './cpu.ts';
import { judgeDisks } from './disk.ts';
import { judgeEvidence, standingFailure } from './evidence.ts';
import type { Finding, HostJudgement, JudgeInput, JudgeMemory } from './judge-input.ts';
import { keepLevels, type Level, type Levels } from './limit.ts';
import { countOomKills, judgeMemoryUse, judgeOomKills } from './memory.ts';
import { judgeNfsMounts } from './nfs-client.ts';
import { judgeNfsIops } from './nfs-iops.ts';
import { countRestarts } from './restarts.ts';
import { judgeServices, unjudgedServices } from './services.ts';

/** Judges one host from what is known of it. Pure: the same input gives the same judgement. */
export function judgeHost(input: JudgeInput): HostJudgement {
  const failure = standingFailure(input.reach, input.memory.failure);
  const memory = { ...count(input.memory, input.sample), failure };
  const silent = judgeEvidence(input, failure);
  const wanted = servicesOn(input.fleet, input.host.role);
  if (silent !== null && isStopped(input.host)) {
    const services = unjudgedServices(wanted, input.sample, 'stopped', `the machine is ${input.host.cloudState}`);
    return { verdict: { health: 'stopped', reasons: [] }, services, memory, notJudged: [] };
  }
  if (silent !== null || input.sample === null) {
    const reasons = silent === null ? [] : [withCloudState(silent, input.host)];
    const services = unjudgedServices(wanted, input.sample, 'unknown', silent?.text ?? 'not yet polled');
    return { verdict: { health: 'unknown', reasons }, services, memory, notJudged: [] };
  }
  return judgeSample(input, input.sample, memory);
}

function judgeSample(input: JudgeInput, sample: Sample, memory: JudgeMemory): HostJudgement {
  const { fleet, host, now } = input;
  const after = new Map<string, Level>();
  const levels: Levels = { before: memory.levels, after };
  const findings: readonly Finding[] = [
    judgeNfsMounts(sample, fleet.limits, levels),
    judgeNfsIops(host, sample, fleet.limits, levels),
    judgeDisks(sample, fleet.limits, levels),
    judgeCpu(sample, fleet.limits, levels),
    judgeMemoryUse(sample, fleet.limits, levels),
    judgeOomKills(sample, memory.oomKills),
  ];
  const services = judgeServices(servicesOn(fleet, host.role), sample, memory.restarts);
  const notJudged = findings.flatMap((finding) => finding.notJudged);
  keepLevels(levels, notJudged);
  const reasons = worstFirst([
    ...services.flatMap((service) => service.reasons),
    ...judgeChecks(checksOn(fleet, host.role), input.checks, fleet.poll, now),
    ...findings.flatMap((finding) => finding.reasons),
    ...judgeStoppedButHeard(host, sample.at, fleet.poll.staleMs),
  ]);
  const health = reasons.reduce<Health>((worst, reason) => worse(worst, reason.health), 'ok');
  return {
    verdict: { health, reasons },
    services: services.map((service) => service.view),
    memory: { ...memory, levels: after },
    notJudged,
  };
}

function worstFirst(reasons: readonly Reason[]): readonly Reason[] {
  return reasons.toSorted((a, b) => healthRank(b.health) - healthRank(a.health));
}

/** Counters are taken in once a sample, however often it is judged. */
function count(memory: JudgeMemory, sample: Sample | null): JudgeMemory {
  if (sample === null || (memory.countedAt !== null && sample.at <= memory.countedAt)) return memory;
  const restarts = new Map(memory.restarts);
  for (const service of sample.services) restarts.set(service.name, countRestarts(restarts.get(service.name), service, sample.at));
  return { ...memory, restarts, oomKills: countOomKills(memory, sample), countedAt: sample.at };
}
