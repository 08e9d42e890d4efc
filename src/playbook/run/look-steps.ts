import { formatDuration } from '../../fleet/duration.ts';
import { condition } from '../expression.ts';
import type { Step } from '../playbook.ts';
import { askedProbe, probeWords } from './ask-probe.ts';
import { type Frame, scopeOf } from './frame.ts';
import type { Found } from './hands.ts';
import { keptLines } from './kept-lines.ts';
import { durationMs, hostOf, leaf, openHost, type Tried } from './leaf.ts';
import type { Run } from './run.ts';
import { fill } from '../template.ts';

/** How long a probe may take that names no time of its own. */
export const usualProbeMs = 20_000;
/** A host is not asked more often than this, whatever the file says, ms. */
const leastEveryMs = 200;
const mostLines = 40;

/** Asks once. Without `expect`, what the probe itself calls good is good: exit 0, a 2xx status, an open port, a running service. */
export function lookStep(run: Run, frame: Frame, step: Extract<Step, { verb: 'check' }>): Promise<void> {
  return leaf(run, frame, step, async () => {
    const limit = step.timeout === null ? usualProbeMs : msOf(run, frame, step.timeout);
    const found = await askOnce(run, frame, step, limit);
    const seen = tried(found, step.expect, frame);
    if (run.level !== 'check' || seen.outcome !== 'failed') return seen;
    // What a dry run did not change may be what this step would see changed.
    const asked = asking(run, frame, step);
    if (!('open' in asked) && !run.progress.unmade.mayTouch(asked)) return seen;
    return { ...seen, outcome: 'either', summary: `now: ${seen.summary}` };
  });
}

/** Asks until it holds, and goes on holding; who cannot be reached is not there yet. */
export function waitStep(run: Run, frame: Frame, step: Extract<Step, { verb: 'wait' }>): Promise<void> {
  const key = frame.prefix + step.address;
  return leaf(run, frame, step, async () => {
    const { hands } = run.parts;
    const ms = (text: string): number => msOf(run, frame, text);
    const [every, hold, limit] = [Math.max(leastEveryMs, ms(step.every)), step.hold === null ? 0 : ms(step.hold), ms(step.timeout)];
    const until = hands.elapsed() + limit;
    // Waiting goes by what has passed; a person is shown the clock.
    const onClock = (at: number): number => hands.now() + (at - hands.elapsed());
    let since: number | null = null;
    for (;;) {
      run.check();
      const found = await askOnce(run, frame, step, lookMs(until - hands.elapsed()));
      const seen = tried(found, step.until, frame);
      // A dry run asks once; what will never be known is not waited for.
      const never = seen.outcome === 'either' && !(found.kind === 'unknown' && found.later === true);
      if (never || hands.level === 'check') return hands.level === 'check' && seen.outcome !== 'ok' ? { ...seen, outcome: 'either' } : seen;
      if (seen.outcome === 'ok') {
        since ??= hands.elapsed();
        if (hands.elapsed() - since >= hold)
          return hold === 0 ? seen : { ...seen, summary: `${seen.summary}, and stayed so for ${step.hold ?? ''}` };
      } else since = null;
      const said = step.secretOutput ? 'what it says is secret' : run.mask(seen.summary);
      run.progress.live(key, since === null ? said : `${said}; must hold for ${step.hold ?? ''}`, {
        until: onClock(until),
        everyMs: every,
        holdMs: hold,
        holdsSince: since === null ? null : onClock(since),
        value: step.secretOutput ? null : numberSeen(found),
        at: hands.now(),
      });
      run.phase({ phase: 'waiting', for: 'condition', since: hands.now() });
      if (hands.elapsed() >= until) {
        run.phase({ phase: 'running' });
        const outcome = seen.outcome === 'unreachable' ? 'unreachable' : 'timeout';
        // What held when the time was over had not held long enough.
        const held = since === null ? '' : `, but it held for only ${formatDuration(hands.elapsed() - since)} of ${step.hold ?? ''}`;
        return { ...seen, outcome, summary: `not so within ${step.timeout}: ${seen.summary}${held}` };
      }
      await hands.sleep(Math.min(every, until - hands.elapsed()), run.signal);
      run.phase({ phase: 'running' });
    }
  });
}

/** A duration of the page, ms; one that a dry run does not know is taken as a probe's usual time. */
function msOf(run: Run, frame: Frame, duration: string): number {
  const { text, open } = fill(duration, scopeOf(frame));
  return open.length > 0 && run.level === 'check' ? usualProbeMs : durationMs(text);
}

/** The number a probe's answer is about, for a history of it. */
function numberSeen(found: Found): number | null {
  if (found.kind !== 'facts') return null;
  const { value, healthy, open, ms, out } = found.facts;
  for (const seen of [value, healthy, open, ms]) {
    if (typeof seen === 'number') return seen;
    if (typeof seen === 'boolean') return seen ? 1 : 0;
  }
  return typeof out === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(out) ? Number(out) : null;
}

function asking(run: Run, frame: Frame, step: Extract<Step, { verb: 'check' | 'wait' }>): ReturnType<typeof askedProbe> {
  return askedProbe(step.probe, hostOf(frame, step), scopeOf(frame), (value) => run.variableOf(value));
}

/** Deadline of one look of a wait with so much left, ms: whole tenths of a second, whatever the clock counts in. */
function lookMs(leftMs: number): number {
  return Math.min(usualProbeMs, Math.max(1000, Math.ceil(leftMs / 100) * 100));
}

async function askOnce(run: Run, frame: Frame, step: Extract<Step, { verb: 'check' | 'wait' }>, deadlineMs: number): Promise<Found> {
  const asked = asking(run, frame, step);
  if ('open' in asked) return { kind: 'unknown', why: `${asked.open} is not known` };
  const openly = run.level === 'check' ? openHost(frame, step) : null;
  if (openly !== null) return { kind: 'unknown', why: `${openly} is not known` };
  run.progress.title(frame.prefix + step.address, `${step.verb === 'check' ? 'check' : 'wait for'} ${run.mask(probeWords(asked))}`);
  return run.parts.hands.probe(asked, frame.prefix + step.address, deadlineMs, run.signal);
}

function tried(found: Found, wanted: string | null, frame: Frame): Tried {
  if (found.kind === 'unknown') return { outcome: 'either', summary: found.why, evidence: [], facts: null };
  if (found.kind === 'unreachable' || found.kind === 'timeout') {
    return { outcome: found.kind, summary: found.why, evidence: [], facts: { out: '', err: found.why, exit: -1, failed: true } };
  }
  if (found.kind === 'wrong')
    return { outcome: 'failed', summary: found.why, evidence: [], facts: { out: '', err: found.why, exit: -1, failed: true } };
  const evidence = keptLines(found.text, mostLines);
  const summary = evidence.at(-1) ?? 'nothing was said';
  if (wanted === null) return { outcome: found.holds ? 'ok' : 'failed', summary, evidence, facts: found.facts };
  const truth = condition(wanted, { ...scopeOf(frame), ...found.facts });
  if (truth.kind === 'unknown') return { outcome: 'either', summary: `${truth.because} is not known`, evidence, facts: found.facts };
  if (truth.kind === 'wrong') return { outcome: 'failed', summary: `${wanted}: ${truth.why}`, evidence, facts: found.facts };
  return {
    outcome: truth.value === true ? 'ok' : 'failed',
    summary: truth.value === true ? summary : `not so: ${wanted} (${summary})`,
    evidence,
    facts: found.facts,
  };
}
