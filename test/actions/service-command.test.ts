import { expect, test } from 'vitest';
import { serviceCommand } from '../../src/actions/drivers/service-command.ts';
import type { ServiceManager, ServiceSpec } from '../../src/fleet/definition.ts';

function service(manager: ServiceManager, unit: string): ServiceSpec {
  return {
    name: unit,
    on: ['web'],
    manager,
    unit,
    project: 'codalab',
    port: null,
    socket: null,
    precheck: null,
    verify: [],
    key: null,
    stateful: false,
    holdMs: 5000,
  };
}

const root = { kind: 'root' } as const;
const no = { kind: 'no' } as const;

test.each([
  ['systemd', 'nginx', root, 'sudo -n -- systemctl restart nginx'],
  ['systemd', 'data.mount', no, 'systemctl restart data.mount'],
  ['sysv', 'pencils', root, 'sudo -n -- service pencils restart'],
  ['sysv', 'pencils', { kind: 'user', user: 'ops' } as const, 'sudo -n -u ops -- service pencils restart'],
  ['docker', 'codalab_nginx_1', no, 'docker restart codalab_nginx_1'],
  ['supervisor', 'webserver', root, 'sudo -n -- supervisorctl restart webserver'],
] as const)('a %s service %s is restarted by its own manager', (manager, unit, sudo, command) => {
  expect(serviceCommand('restart', service(manager, unit), sudo)).toBe(command);
});

test('a user unit is restarted without sudo and with its bus found', () => {
  const command = serviceCommand('restart', service('systemd-user', 'hknweb'), root);
  expect(command).not.toContain('sudo');
  expect(command).toContain('XDG_RUNTIME_DIR=');
  expect(command).toContain('systemctl --user restart hknweb');
});

test('a compose service is found by its labels, so both naming schemes work', () => {
  const command = serviceCommand('restart', service('docker-compose', 'rest-server'), no);
  expect(command).toContain('label=com.docker.compose.service=rest-server');
  expect(command).toContain('label=com.docker.compose.project=codalab');
});

test.each(['--force', '-H evil', 'a;reboot', 'a b', '$(id)', ''])('a unit named %j is refused', (unit) => {
  for (const manager of ['systemd', 'systemd-user', 'sysv', 'docker', 'docker-compose', 'supervisor'] as const) {
    expect(() => serviceCommand('restart', service(manager, unit), root)).toThrow(/unit name/);
  }
});
