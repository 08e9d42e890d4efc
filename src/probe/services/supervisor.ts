import type { ServiceSpec } from '../../fleet/definition.ts';
import type { ServiceState } from '../../fleet/sample.ts';
import { shown } from '../shown.ts';
import type { SupervisedProgram, SupervisorPart } from '../parse/supervisor.ts';
import type { PartAnswer } from '../part-answer.ts';
import type { ServiceFacts } from './facts.ts';
import { noFacts } from './facts.ts';

const states: Readonly<Record<string, ServiceState>> = {
  RUNNING: 'running',
  STARTING: 'starting',
  STOPPING: 'stopping',
  BACKOFF: 'restarting',
  STOPPED: 'stopped',
  // It ended by itself: supervisor says STOPPED when somebody asked for it.
  EXITED: 'failed',
  FATAL: 'failed',
  MISSING: 'missing',
};

const worst: readonly string[] = ['FATAL', 'EXITED', 'MISSING', 'UNKNOWN', 'STOPPED', 'STOPPING', 'BACKOFF', 'STARTING', 'RUNNING'];

/** `prog`, `group:prog`, or `group:*` for all of a group. */
function belongs(unit: string, name: string): boolean {
  if (unit.endsWith(':*')) return name.startsWith(unit.slice(0, -1)) || name === unit;
  return name === unit || name === `${unit}:${unit}`;
}

function programOf(
  unit: string,
  programs: readonly SupervisedProgram[],
): { readonly worstOne: SupervisedProgram; readonly all: number } | null {
  const own = programs.filter((program) => belongs(unit, program.name));
  const [worstOne] = [...own].sort((a, b) => worst.indexOf(a.state) - worst.indexOf(b.state));
  return worstOne === undefined ? null : { worstOne, all: own.length };
}

/** A program under supervisord. Its restarts are not counted by supervisor. */
export function supervisorFacts(service: ServiceSpec, answer: PartAnswer<SupervisorPart> | null): ServiceFacts {
  if (answer === null) return noFacts('unknown', 'supervisorctl was not asked');
  const found = programOf(service.unit, answer.value.programs);
  if (found === null) {
    const complaint = answer.value.complaints[0];
    return noFacts(
      'unknown',
      answer.failure ?? (complaint === undefined ? 'supervisorctl said nothing of it' : shown(`supervisorctl: ${complaint}`, 200)),
    );
  }
  const { worstOne, all } = found;
  const state = states[worstOne.state] ?? 'unknown';
  return {
    state,
    sub: worstOne.state,
    sinceMs: worstOne.uptimeMs,
    restarts: null,
    pid: worstOne.pid,
    result: state === 'running' ? 'success' : null,
    // Several programs restart apart: no single process proves it for all.
    instance: worstOne.pid === null || all > 1 ? null : `pid ${String(worstOne.pid)}`,
    detail: state === 'running' || worstOne.description === '' ? null : shown(worstOne.description, 200),
  };
}
