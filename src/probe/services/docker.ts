import type { ServiceSpec } from '../../fleet/definition.ts';
import type { ServiceState } from '../../fleet/sample.ts';
import { shown } from '../shown.ts';
import type { Container, DockerPart } from '../parse/docker.ts';
import type { PartAnswer } from '../part-answer.ts';
import type { ServiceFacts } from './facts.ts';
import { noFacts } from './facts.ts';

/** 128 + SIGTERM: what an orderly stop leaves behind in programs that do not catch it. */
const stoppedByTerm = 143;

function stateOf(container: Container): ServiceState {
  switch (container.status) {
    case 'running':
      return container.health === 'starting' ? 'starting' : 'running';
    case 'created':
    case 'paused':
      return 'stopped';
    case 'restarting':
      return 'restarting';
    case 'removing':
      return 'stopping';
    case 'exited':
      return container.exitCode === 0 || container.exitCode === stoppedByTerm ? 'stopped' : 'failed';
    case 'dead':
      return 'failed';
    default:
      return 'unknown';
  }
}

function resultOf(container: Container): string {
  if (container.oomKilled) return 'oom-kill';
  if (container.error !== '') return shown(container.error, 120);
  const ended = container.status === 'exited' || container.status === 'dead' || container.status === 'restarting';
  return ended && container.exitCode !== 0 ? 'exit-code' : 'success';
}

function detailOf(container: Container): string | null {
  if (container.oomKilled) return 'killed for want of memory';
  if (container.error !== '') return shown(container.error, 120);
  if (container.status === 'running' && container.health === 'unhealthy') return 'its own health check says unhealthy';
  if (container.status === 'running' && container.health === 'starting') return 'its own health check has not passed yet';
  return container.status === 'paused' ? 'the container is paused' : null;
}

/** Docker's times are the host's wall clock, so the time since is taken by that clock too. */
function factsOf(container: Container, hostWallMs: number | null): ServiceFacts {
  const up = container.status === 'running' || container.status === 'paused';
  const changed = up ? container.startedAt : container.finishedAt;
  const since = changed === null || hostWallMs === null ? null : Math.max(0, Math.round(hostWallMs - Date.parse(changed)));
  const health = container.health === null ? '' : `, ${container.health}`;
  return {
    state: stateOf(container),
    sub: shown(container.status === 'exited' ? `exited (${String(container.exitCode ?? '?')})` : `${container.status}${health}`, 60),
    sinceMs: since,
    restarts: container.restarts,
    pid: container.pid,
    result: resultOf(container),
    instance: container.startedAt === null ? null : shown(`${container.id.slice(0, 12)} ${container.startedAt}`, 80),
    detail: detailOf(container),
  };
}

const worst: readonly ServiceState[] = ['failed', 'missing', 'unknown', 'stopped', 'stopping', 'restarting', 'starting', 'running'];

/** A service scaled to several containers is as well as its worst one. */
function together(all: readonly ServiceFacts[]): ServiceFacts | undefined {
  const [first] = [...all].sort((a, b) => worst.indexOf(a.state) - worst.indexOf(b.state));
  if (first === undefined || all.length === 1) return first;
  const running = all.filter((one) => one.state === 'running').length;
  const restarts = all.map((one) => one.restarts).filter((value) => value !== null);
  const instances = all.map((one) => one.instance).filter((value) => value !== null);
  return {
    ...first,
    restarts: restarts.length > 0 ? restarts.reduce((sum, value) => sum + value, 0) : null,
    instance: instances.length === all.length ? [...instances].sort().join(' + ') : null,
    detail: running === all.length ? null : `${String(running)} of ${String(all.length)} containers run`,
  };
}

function belongs(service: ServiceSpec, container: Container): boolean {
  if (service.manager === 'docker')
    return container.name === service.unit || (service.unit.length >= 12 && container.id.startsWith(service.unit));
  if (container.oneOff || container.service !== service.unit) return false;
  return service.project === null || container.project === service.project;
}

/** A container by name, or a Compose service by its labels. `hostWallMs` is epoch ms by the host's clock. */
export function dockerFacts(service: ServiceSpec, answer: PartAnswer<DockerPart> | null, hostWallMs: number | null): ServiceFacts {
  if (answer === null) return noFacts('unknown', 'docker was not asked');
  const own = answer.value.containers.filter((container) => belongs(service, container)).map((container) => factsOf(container, hostWallMs));
  const facts = together(own);
  if (facts !== undefined) return facts;
  // Docker names each absent container; any other complaint means that it could not be asked.
  const others = answer.value.complaints.filter((line) => !/No such (object|container)/i.test(line));
  if (others[0] !== undefined) return noFacts('unknown', shown(`docker: ${others[0]}`, 200));
  if (answer.value.complaints.length === 0 && answer.failure !== null) return noFacts('unknown', answer.failure);
  return noFacts(
    'missing',
    service.manager === 'docker' ? 'no such container on this host' : 'no container of this Compose service on this host',
  );
}
