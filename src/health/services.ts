import type { ServiceSpec } from '../fleet/definition.ts';
import { formatDuration } from '../fleet/duration.ts';
import type { Health, Reason } from '../fleet/health.ts';
import { worse } from '../fleet/health.ts';
import type { Sample, ServiceSample } from '../fleet/sample.ts';
import type { ServiceView } from '../fleet/view.ts';
import type { RestartMemory } from './judge-input.ts';
import { loopRestarts, loopWindowMs, recentRestarts } from './restarts.ts';

/** A start or stop that takes longer than this is worth an alert. */
export const changingMs = 60_000;

/** A restart counter at or above this is told beside a failure. */
const manyRestarts = 1;

export interface ServiceFinding {
  readonly view: ServiceView;
  readonly reasons: readonly Reason[];
}

/** Every service the fleet file puts on this host, whether the sample speaks of it or not. */
export function judgeServices(
  wanted: readonly ServiceSpec[],
  sample: Sample,
  restarts: ReadonlyMap<string, RestartMemory>,
): readonly ServiceFinding[] {
  return wanted.map((spec) => {
    const found = sample.services.find((each) => each.name === spec.name) ?? unreadService(spec, sample);
    return judgeService(spec, found, recentRestarts(restarts.get(spec.name), sample.at));
  });
}

/** Every service in one state that holds for the whole host, with its reason. */
export function unjudgedServices(
  wanted: readonly ServiceSpec[],
  sample: Sample | null,
  health: 'unknown' | 'stopped',
  why: string,
): readonly ServiceView[] {
  return wanted.map((spec) => {
    const last = sample?.services.find((each) => each.name === spec.name) ?? emptyService(spec, why);
    return { ...last, health, reasons: [why] };
  });
}

function judgeService(spec: ServiceSpec, service: ServiceSample, loop: number): ServiceFinding {
  const state = judgeState(spec, service);
  const looping = loop >= loopRestarts && state?.name !== `${spec.name}-unknown` ? loopReason(spec, loop) : null;
  const reasons = [state, looping].filter((reason) => reason !== null);
  const health = reasons.reduce<Health>((worst, reason) => worse(worst, reason.health), 'ok');
  return { view: { ...service, health, reasons: reasons.map((reason) => reason.text) }, reasons };
}

function judgeState(spec: ServiceSpec, service: ServiceSample): Reason | null {
  const name = spec.name;
  const subject = { kind: 'service', service: name } as const;
  const down = (text: string): Reason => ({ name: `${name}-down`, health: 'crit', subject, text: withRestarts(text, service), forMs: 0 });
  const changing = (word: string): Reason => {
    const text = `${name} ${word}${service.sinceMs === null ? '' : ` for ${formatDuration(service.sinceMs)}`}`;
    return { name: `${name}-${word}`, health: 'warn', subject, text: withDetail(text, service.detail ?? service.sub), forMs: changingMs };
  };
  switch (service.state) {
    case 'running':
      if (service.listening !== false) return null;
      return down(service.detail === null ? `${name} runs but ${listenedPlace(spec)} is closed` : `${name} ${service.detail}`);
    case 'failed':
      return down(withDetail(`${name} failed`, failureOf(service)));
    case 'stopped':
      return down(withDetail(`${name} is stopped`, service.detail));
    case 'missing':
      return down(`${name}: ${service.detail ?? `there is no ${spec.manager} unit ${spec.unit}`}`);
    case 'restarting': {
      const text = withRestarts(withDetail(`${name} restarting`, failureOf(service)), service);
      return { name: `${name}-restarting`, health: 'warn', subject, text, forMs: 0 };
    }
    case 'starting':
    case 'stopping':
      return changing(service.state);
    case 'unknown': {
      const text = `${name} not known: ${service.detail ?? service.sub ?? 'its state could not be read'}`;
      return { name: `${name}-unknown`, health: 'unknown', subject, text, forMs: changingMs };
    }
  }
}

function loopReason(spec: ServiceSpec, count: number): Reason {
  return {
    name: `${spec.name}-restarting`,
    health: 'warn',
    subject: { kind: 'service', service: spec.name },
    text: `${spec.name} restart loop: ${count} restarts in the last ${formatDuration(loopWindowMs)}`,
    forMs: 0,
  };
}

function failureOf(service: ServiceSample): string | null {
  if (service.detail !== null) return service.detail;
  if (service.result !== null && service.result !== 'success') return service.result;
  return service.sub;
}

function listenedPlace(spec: ServiceSpec): string {
  return spec.port === null ? `socket ${spec.socket ?? ''}`.trimEnd() : `port ${spec.port}`;
}

function withDetail(text: string, detail: string | null): string {
  return detail === null || detail === '' ? text : `${text}: ${detail}`;
}

function withRestarts(text: string, service: ServiceSample): string {
  const count = service.restarts ?? 0;
  return count >= manyRestarts ? `${text}, ${count} ${count === 1 ? 'restart' : 'restarts'}` : text;
}

function unreadService(spec: ServiceSpec, sample: Sample): ServiceSample {
  const gap = sample.gaps.find((each) => each.part === partOf(spec)) ?? sample.gaps.find((each) => each.part === spec.name);
  return emptyService(spec, gap?.why ?? 'the host said nothing of it');
}

function emptyService(spec: ServiceSpec, detail: string): ServiceSample {
  const unread = { sub: null, sinceMs: null, restarts: null, pid: null, result: null, instance: null, listening: null };
  return { name: spec.name, manager: spec.manager, state: 'unknown', ...unread, detail };
}

/** Collector part that reports a manager (docs/collector-wire.md). */
function partOf(spec: ServiceSpec): string {
  switch (spec.manager) {
    case 'systemd':
      return 'units';
    case 'systemd-user':
      return 'userunits';
    case 'sysv':
      return 'sysv';
    case 'docker':
    case 'docker-compose':
      return 'docker';
    case 'supervisor':
      return 'supervisor';
  }
}
