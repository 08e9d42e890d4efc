import type { Limits } from '../fleet/definition.ts';
import { formatBytes, formatDuration, formatNumber } from '../fleet/duration.ts';
import type { Reason } from '../fleet/health.ts';
import type { Sample } from '../fleet/sample.ts';
import type { Finding, JudgeMemory } from './judge-input.ts';
import { judgeLimit, type Levels } from './limit.ts';

const subject = { kind: 'host' } as const;

/** An OOM kill is over in a moment; it is shown this long. */
export const oomShownMs = 10 * 60_000;

/** Memory and swap in use. */
export function judgeMemoryUse(sample: Sample, limits: Limits, levels: Levels): Finding {
  const reasons: Reason[] = [];
  const notJudged: string[] = [];
  const used = sample.memory?.usedPct ?? null;
  const available = sample.memory?.availableBytes ?? null;
  if (used === null) notJudged.push('memory-low');
  else {
    const left = available === null ? '' : `, ${formatBytes(available)} available`;
    const say = (text: string) => `memory ${formatNumber(used)} % used (${text})${left}`;
    const reason = judgeLimit(levels, { name: 'memory-low', subject }, used, limits.memory, say);
    if (reason !== null) reasons.push(reason);
  }
  const swap = sample.memory?.swapUsedPct ?? null;
  if (limits.swap !== null) {
    // A host without swap has nothing to fill.
    if (swap === null && sample.memory?.swapTotalBytes !== 0) notJudged.push('swap-high');
    if (swap !== null) {
      const say = (text: string) => `swap ${formatNumber(swap)} % used (${text})`;
      const reason = judgeLimit(levels, { name: 'swap-high', subject }, swap, limits.swap, say);
      if (reason !== null) reasons.push(reason);
    }
  }
  return { reasons, notJudged };
}

/** Takes a sample's OOM kills into the memory, once a sample, and drops those no longer shown. */
export function countOomKills(memory: JudgeMemory, sample: Sample): JudgeMemory['oomKills'] {
  const kept = memory.oomKills.filter((seen) => sample.at - seen.at < oomShownMs);
  const kills = sample.oomKills ?? 0;
  return kills > 0 ? [...kept, { at: sample.at, kills }] : kept;
}

/** OOM kills of the last ten minutes. */
export function judgeOomKills(sample: Sample, seen: JudgeMemory['oomKills']): Finding {
  const kills = seen.reduce((sum, each) => sum + each.kills, 0);
  const last = seen.at(-1);
  if (last === undefined) return { reasons: [], notJudged: sample.oomKills === null ? ['oom-kill'] : [] };
  const text = `OOM kill: ${kills} ${kills === 1 ? 'process' : 'processes'} killed for memory, last ${formatDuration(sample.at - last.at)} ago`;
  return { reasons: [{ name: 'oom-kill', health: 'warn', subject, text, forMs: 0 }], notJudged: [] };
}
