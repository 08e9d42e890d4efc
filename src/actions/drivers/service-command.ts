import type { ServiceSpec, Sudo } from '../../fleet/definition.ts';
import { sudoPrefix } from '../../remote/deadline.ts';
import { shellCommand, shq } from '../../remote/quote.ts';

/** A unit name, container or script as managers accept it: no leading dash, no blanks, no shell characters (systemd.unit(5)). */
const nameable = /^[A-Za-z0-9_.@:\\/][A-Za-z0-9_.@:\\/-]*$/;

/**
 * The exact command that restarts or starts a service under its manager, with the privilege the fleet file names. As a person would type it,
 * so that a sudo rule for exactly this command fits; names that begin with a dash are refused, so no `--` is needed.
 * Throws a plain sentence when the unit's name could be read as an option or as shell text.
 */
export function serviceCommand(verb: 'restart' | 'start', service: ServiceSpec, sudo: Sudo): string {
  if (!nameable.test(service.unit))
    throw new Error(`the unit name ${JSON.stringify(service.unit)} of ${service.name} is not one a service manager takes`);
  const prefix = sudoPrefix(sudo);
  switch (service.manager) {
    case 'systemd':
      return shellCommand([...prefix, 'systemctl', verb, service.unit]);
    case 'systemd-user':
      // A login without a session has no XDG_RUNTIME_DIR, and systemctl --user cannot find its bus (pam_systemd(8)).
      return `XDG_RUNTIME_DIR="\${XDG_RUNTIME_DIR:-/run/user/$(id -u)}" ${shellCommand(['systemctl', '--user', verb, service.unit])}`;
    case 'sysv':
      return shellCommand([...prefix, 'service', service.unit, verb]);
    case 'docker':
      return shellCommand([...prefix, 'docker', verb, service.unit]);
    case 'docker-compose':
      return composeCommand(verb, service, prefix);
    case 'supervisor':
      return shellCommand([...prefix, 'supervisorctl', verb, service.unit]);
    default:
      return service.manager satisfies never;
  }
}

/** Containers are found by label, because compose v1 and v2 name them differently. */
function composeCommand(verb: string, service: ServiceSpec, prefix: readonly string[]): string {
  const docker = shellCommand([...prefix, 'docker']);
  const filters = [`label=com.docker.compose.service=${service.unit}`];
  if (service.project !== null) filters.push(`label=com.docker.compose.project=${service.project}`);
  const find = `${docker} ps -aq ${filters.map((filter) => `--filter ${shq(filter)}`).join(' ')}`;
  return `ids=$(${find}) && [ -n "$ids" ] && ${docker} ${verb} $ids`;
}
