import type { Limits } from '../fleet/definition.ts';
import { formatCount, formatNumber } from '../fleet/duration.ts';
import type { Reason } from '../fleet/health.ts';
import type { NfsMountSample, Sample } from '../fleet/sample.ts';
import type { Finding } from './judge-input.ts';
import { judgeLimit, type Levels } from './limit.ts';

/** Latency, time-outs, hangs and refusals of each NFS mount. */
export function judgeNfsMounts(sample: Sample, limits: Limits, levels: Levels): Finding {
  if (sample.nfsMounts === null) return { reasons: [], notJudged: ['nfs-slow', 'nfs-hung', 'nfs-refused'] };
  const findings = sample.nfsMounts.map((mount) => judgeMount(mount, sample.dState, limits, levels));
  return { reasons: findings.flatMap((one) => one.reasons), notJudged: findings.flatMap((one) => one.notJudged) };
}

function judgeMount(mount: NfsMountSample, dState: number | null, limits: Limits, levels: Levels): Finding {
  const subject = { kind: 'mount', mount: mount.mount } as const;
  const [slowKey, hungKey, refusedKey] = [`nfs-slow#${mount.mount}`, `nfs-hung#${mount.mount}`, `nfs-refused#${mount.mount}`];
  if (mount.state === 'hung') {
    // How slow it would be cannot be told while nothing completes.
    return {
      reasons: [{ name: 'nfs-hung', health: 'crit', subject, text: hungWords(mount, dState), forMs: 0 }],
      notJudged: [slowKey, refusedKey],
    };
  }
  if (mount.state === 'refused') {
    const text = `${mount.server} answers every question about ${mount.mount} with an error: stale file handle, or no longer exported to this host`;
    return { reasons: [{ name: 'nfs-refused', health: 'crit', subject, text, forMs: 0 }], notJudged: [slowKey] };
  }
  if (mount.state === 'unknown') return { reasons: [], notJudged: [slowKey, hungKey, refusedKey] };
  const finding = judgeAnswers(mount, limits, levels);
  // Nobody asked, so nobody was refused.
  return mount.state === 'idle' ? { ...finding, notJudged: [...finding.notJudged, refusedKey] } : finding;
}

function hungWords(mount: NfsMountSample, dState: number | null): string {
  const out = mount.outstanding;
  const waiting = dState === null || dState === 0 ? '' : `; ${formatCount(dState)} ${dState === 1 ? 'thread' : 'threads'} in state D`;
  if (out === 0) return `${mount.mount} hung: no connection to ${mount.server}${waiting}`;
  const requests = out === null ? 'requests are out' : `${formatCount(out)} ${out === 1 ? 'request' : 'requests'} out`;
  return `${mount.mount} hung: ${requests}, none answered${waiting}`;
}

function judgeAnswers(mount: NfsMountSample, limits: Limits, levels: Levels): Finding {
  const slow = judgeLatency(mount, limits, levels);
  if (slow !== null) return { reasons: [slow], notJudged: [] };
  const timedOut = majorTimeouts(mount, limits);
  if (timedOut !== null) return { reasons: [timedOut], notJudged: [] };
  // `idle` has nothing out and is not slow; `ok` without a latency was not measured.
  const measured = mount.state === 'idle' || mount.rttMs !== null || mount.exeMs !== null;
  return { reasons: [], notJudged: measured ? [] : [`nfs-slow#${mount.mount}`] };
}

/** Round trip is the server and the wire; execution time is what a program waits, with the client's own queue. */
function judgeLatency(mount: NfsMountSample, limits: Limits, levels: Levels): Reason | null {
  const rtt = mount.rttMs;
  const waited = Math.max(rtt ?? 0, mount.exeMs ?? 0);
  if (rtt === null && mount.exeMs === null) return null;
  const about = { name: 'nfs-slow', subject: { kind: 'mount', mount: mount.mount } } as const;
  return judgeLimit(levels, about, waited, limits.nfsMs, (text) => {
    const serverIsSlow = rtt === null || limits.nfsMs.warn === null || rtt >= limits.nfsMs.warn || rtt * 2 >= waited;
    if (serverIsSlow) return `NFS latency ${formatNumber(rtt ?? waited)} ms (${text}) on ${mount.mount}`;
    return `NFS requests wait ${formatNumber(waited)} ms (${text}) on ${mount.mount}, the server answers in ${formatNumber(rtt)} ms`;
  });
}

/** A major time-out is the client's "server not responding" (nfs(5), retrans). */
function majorTimeouts(mount: NfsMountSample, limits: Limits): Reason | null {
  const count = mount.timeouts ?? 0;
  if (count <= 0) return null;
  const text = `NFS requests timed out ${formatCount(count)} ${count === 1 ? 'time' : 'times'} on ${mount.mount} (server ${mount.server} did not respond)`;
  return { name: 'nfs-slow', health: 'warn', subject: { kind: 'mount', mount: mount.mount }, text, forMs: limits.nfsMs.forMs };
}
