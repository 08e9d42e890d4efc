import type { ServiceSpec } from '../../fleet/definition.ts';
import type { ServiceSample } from '../../fleet/sample.ts';
import type { Measured } from '../measured.ts';
import { refusedName } from '../service-name.ts';
import { dockerFacts } from './docker.ts';
import type { ServiceFacts } from './facts.ts';
import { noFacts } from './facts.ts';
import type { ListenFacts } from './listening.ts';
import { listenFacts } from './listening.ts';
import { supervisorFacts } from './supervisor.ts';
import { systemdFacts } from './systemd.ts';
import { sysvFacts } from './sysv.ts';

function factsOf(service: ServiceSpec, now: Measured, listen: ListenFacts): ServiceFacts {
  const refused = refusedName(service);
  if (refused !== null) return noFacts('unknown', refused);
  switch (service.manager) {
    case 'systemd':
      return systemdFacts(service, now.units, now.uptimeS, listen);
    case 'systemd-user':
      return systemdFacts(service, now.userUnits, now.uptimeS, listen);
    case 'sysv':
      return now.sysv === null ? systemdFacts(service, now.units, now.uptimeS, listen) : sysvFacts(service, now.sysv, listen);
    case 'docker':
    case 'docker-compose': {
      const bootTimeS = now.stat?.bootTimeS ?? null;
      const hostWallMs = bootTimeS === null || now.uptimeS === null ? null : (bootTimeS + now.uptimeS) * 1000;
      return dockerFacts(service, now.docker, hostWallMs);
    }
    case 'supervisor':
      return supervisorFacts(service, now.supervisor);
  }
}

/** Every service of the fleet file that runs on this host, as its manager and its port told it in this round; in the order given. */
export function serviceSamples(now: Measured, services: readonly ServiceSpec[]): readonly ServiceSample[] {
  return services.map((service) => {
    const listen = listenFacts(service, now);
    const facts = factsOf(service, now, listen);
    const closed = facts.state === 'running' && listen.listening === false ? `running but ${listen.what} is closed` : null;
    return { name: service.name, manager: service.manager, listening: listen.listening, ...facts, detail: facts.detail ?? closed };
  });
}
