import type { ServiceSpec } from '../../fleet/definition.ts';
import type { ServiceState } from '../../fleet/sample.ts';
import { shown } from '../shown.ts';
import type { UnitProperties } from '../parse/systemctl-show.ts';
import { unitNumber } from '../parse/systemctl-show.ts';
import { sanitizeLine } from '../../remote/sanitize.ts';
import type { PartAnswer } from '../part-answer.ts';
import type { ServiceFacts } from './facts.ts';
import { noFacts } from './facts.ts';
import type { ListenFacts } from './listening.ts';

const suffix = /\.(service|socket|target|mount|timer|path|slice|scope|device|swap|automount)$/;

/** A unit answers to its Id and to all its Names, aliases included. */
function unitOf(units: readonly UnitProperties[], name: string): UnitProperties | undefined {
  const full = suffix.test(name) ? name : `${name}.service`;
  return units.find((unit) => unit.get('Id') === full) ?? units.find((unit) => (unit.get('Names') ?? '').split(' ').includes(full));
}

function stateOf(unit: UnitProperties): ServiceState {
  const active = unit.get('ActiveState');
  const sub = unit.get('SubState') ?? '';
  const queued = (unitNumber(unit, 'Job') ?? 0) > 0;
  switch (active) {
    case 'active':
    case 'reloading':
    case 'refreshing':
      return 'running';
    case 'activating':
      return sub.startsWith('auto-restart') ? 'restarting' : 'starting';
    case 'deactivating':
      return 'stopping';
    case 'failed':
      return 'failed';
    case 'inactive':
      return queued ? 'starting' : 'stopped';
    default:
      return 'unknown';
  }
}

/** Time in this state, ms. Versions before 230 have no time of the last change, but those of going active and inactive. */
function sinceMs(unit: UnitProperties, uptimeS: number | null): number | null {
  const entered = unit.get('ActiveState') === 'active' ? 'ActiveEnterTimestampMonotonic' : 'InactiveEnterTimestampMonotonic';
  const changedUs = unitNumber(unit, 'StateChangeTimestampMonotonic') || unitNumber(unit, entered);
  if (changedUs === null || changedUs === 0 || uptimeS === null) return null;
  // Uptime has a grain of 10 ms, so that a change just now may look later than it.
  return Math.max(0, Math.round(uptimeS * 1000 - changedUs / 1000));
}

/** The invocation's id; before systemd 232 the main process and its start stand in. */
function instanceOf(unit: UnitProperties): string | null {
  const invocation = unit.get('InvocationID') ?? '';
  if (/^[0-9a-f]{32}$/.test(invocation)) return shown(invocation);
  const pid = unitNumber(unit, 'MainPID') ?? 0;
  const startedUs = unitNumber(unit, 'ExecMainStartTimestampMonotonic') ?? 0;
  return pid > 0 && startedUs > 0 ? `main ${String(pid)} ${String(startedUs)}` : null;
}

/** State and restarts are said beside it. */
function failureDetail(unit: UnitProperties): string {
  const result = unit.get('Result') ?? '';
  if (result === 'start-limit-hit' || result === 'start-limit')
    return 'started too often and given up: reset-failed is needed before it starts again';
  const status = unitNumber(unit, 'ExecMainStatus');
  return `${result === '' ? 'no result' : sanitizeLine(result, 60)}${status === null ? '' : `, status ${String(status)}`}`;
}

/**
 * A generated SysV unit that stays `active (exited)` says nothing of its daemon: without a pidfile the generator sets
 * RemainAfterExit=yes. The port or socket decides then. @see systemd-sysv-generator(8)
 */
function exitedScript(listen: ListenFacts): { readonly state: ServiceState; readonly detail: string | null } {
  const says = 'unit says active (exited)';
  if (listen.listening === true) return { state: 'running', detail: null };
  if (listen.listening === false) return { state: 'failed', detail: `${says} but ${listen.what} is closed` };
  return {
    state: 'unknown',
    detail:
      listen.what === ''
        ? `${says}, which proves nothing of a SysV script; name its port in the fleet file`
        : `${says} and ${listen.what} could not be looked up`,
  };
}

function isScript(service: ServiceSpec, unit: UnitProperties): boolean {
  return service.manager === 'sysv' || /^\/etc\/(rc\.d\/)?init\.d\//.test(unit.get('SourcePath') ?? '');
}

/** A service as `systemctl show` tells it, for system and user units and for SysV scripts that systemd wrapped. */
export function systemdFacts(
  service: ServiceSpec,
  answer: PartAnswer<readonly UnitProperties[]> | null,
  uptimeS: number | null,
  listen: ListenFacts,
): ServiceFacts {
  const unit = answer === null ? undefined : unitOf(answer.value, service.unit);
  if (unit === undefined) return noFacts('unknown', answer?.failure ?? 'systemctl said nothing of this unit');
  const active = unit.get('ActiveState') ?? '';
  const load = unit.get('LoadState') ?? '';
  const sub = shown(`${active}/${unit.get('SubState') ?? ''}`, 60);
  if (load === 'not-found' && active === 'inactive') return { ...noFacts('missing', 'no such unit on this host'), sub };
  if (load === 'masked' && active === 'inactive') return { ...noFacts('missing', 'the unit is masked'), sub };
  const script = isScript(service, unit);
  const believed = !(script && active === 'active' && unit.get('SubState') === 'exited');
  const state = stateOf(unit);
  const plain =
    state === 'failed' ? failureDetail(unit) : load === 'error' || load === 'bad-setting' ? `the unit file is broken (${load})` : null;
  const judged = believed ? { state, detail: plain } : exitedScript(listen);
  const result = unit.get('Result');
  return {
    ...judged,
    sub,
    // How long the unit has said what is not believed is no time of the service's.
    sinceMs: judged.state === state ? sinceMs(unit, uptimeS) : null,
    restarts: unitNumber(unit, 'NRestarts'),
    pid: unitNumber(unit, 'MainPID') || null,
    result: result === undefined ? null : shown(result, 60),
    // A script's exit code proves no restart; that another process holds the port does.
    instance: script && listen.what !== '' ? listen.instance : instanceOf(unit),
  };
}
