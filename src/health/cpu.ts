import type { Limits } from '../fleet/definition.ts';
import { formatNumber } from '../fleet/duration.ts';
import type { Reason } from '../fleet/health.ts';
import type { Sample } from '../fleet/sample.ts';
import type { Finding } from './judge-input.ts';
import { judgeLimit, type Levels } from './limit.ts';

const subject = { kind: 'host' } as const;

/** CPU time used, waited for I/O and stolen, and the load; each only where the fleet has a limit. */
export function judgeCpu(sample: Sample, limits: Limits, levels: Levels): Finding {
  const cpu = sample.cpu;
  const rows = [
    { name: 'cpu-high', limit: limits.cpu, value: cpu?.usedPct, say: (text: string) => `CPU ${text}` },
    { name: 'iowait-high', limit: limits.iowait, value: cpu?.iowaitPct, say: (text: string) => `I/O wait ${text}` },
    { name: 'steal-high', limit: limits.steal, value: cpu?.stealPct, say: (text: string) => `CPU stolen by the hypervisor ${text}` },
  ];
  const reasons: Reason[] = [];
  const notJudged: string[] = [];
  for (const { name, limit, value, say } of rows) {
    if (limit === null) continue;
    if (value === null || value === undefined) {
      notJudged.push(name);
      continue;
    }
    const reason = judgeLimit(levels, { name, subject }, value, limit, (text) => say(`${formatNumber(value)} % (${text})`));
    if (reason !== null) reasons.push(reason);
  }
  const load = judgeLoad(cpu?.load1 ?? null, limits, levels);
  return { reasons: [...reasons, ...load.reasons], notJudged: [...notJudged, ...load.notJudged] };
}

function judgeLoad(load1: number | null, limits: Limits, levels: Levels): Finding {
  if (limits.load === null) return { reasons: [], notJudged: [] };
  if (load1 === null) return { reasons: [], notJudged: ['load-high'] };
  const reason = judgeLimit(levels, { name: 'load-high', subject }, load1, limits.load, (text) => `load ${formatNumber(load1)} (${text})`);
  return { reasons: reason === null ? [] : [reason], notJudged: [] };
}
