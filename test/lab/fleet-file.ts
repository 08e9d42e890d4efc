import { stringify } from 'yaml';
import { loginOf, type Role } from './role.ts';

/** What the fleet file says of one host. */
export interface FleetHost {
  readonly name: string;
  readonly role: Role;
  readonly address: string;
}

/** The lab as a fleet file of the console: the real keys, only for the roles that are there. */
export function fleetFile(hosts: readonly FleetHost[], identity: string, knownHosts: string): string {
  const has = (role: Role) => hosts.some((host) => host.role === role);
  const only = <T>(role: Role, part: T): T | Record<string, never> => (has(role) ? part : {});
  return stringify({
    fleet: 'lab',
    title: 'Test hosts on this machine',
    environments: { prod: { match: { name: '.' }, danger: true, color: 'red' } },
    inventory: [{ static: hosts.map(({ name, address, role }) => ({ name, address, port: 22, role })) }],
    ssh: {
      user: 'ops',
      identity,
      agent: false,
      config: '/dev/null',
      known_hosts: knownHosts,
      host_keys: 'strict',
      sudo: true,
      ...only('app', { roles: { app: { user: loginOf('app'), sudo: false } } }),
    },
    poll: { every: '2s', deadline: '5s', stale: '6s' },
    // Both are the machine's, whoever uses them: they would say nothing of a host.
    limits: { cpu: { warn: null, crit: null }, load: { warn: null, crit: null } },
    services: {
      ...only('web', {
        nginx: { on: 'web', manager: 'systemd', port: 80, precheck: 'nginx -t', verify: ['static'], key: 'n' },
        pencils: { on: 'web', manager: 'sysv', port: 8816, verify: ['load'], key: 'p' },
        pencilsock: { on: 'web', manager: 'sysv', port: 8811 },
        uwsgi: { on: 'web', manager: 'sysv', socket: '/run/uwsgi/app/img/socket', key: 'u' },
      }),
      ...only('lb', { haproxy: { on: 'lb', manager: 'systemd', port: 80, precheck: 'haproxy -c -q -f /etc/haproxy/haproxy.cfg' } }),
      ...only('files', { rsync: { on: 'files', manager: 'systemd', port: 873 } }),
      ...only('nfs', { 'nfs-server': { on: 'nfs', manager: 'systemd', port: 2049, key: 'd' } }),
      ...only('cache', { memcached: { on: 'cache', manager: 'systemd', port: 11_211 } }),
      ...only('docker', {
        'rest-server': { on: 'docker', manager: 'docker-compose', project: 'codalab', port: 2900, verify: ['rest'] },
        worker: { on: 'docker', manager: 'docker', container: 'codalab_worker_1' },
      }),
      ...only('app', { hknweb: { on: 'app', manager: 'systemd-user', socket: '/srv/apps/hkn/dev.sock', verify: ['sock'] } }),
    },
    checks: {
      ...only('web', {
        load: { on: 'web', http: 'http://localhost/load/first', host: 'pencil.io', status: 200, body: '"directory"', every: '2s' },
        static: { on: 'web', http: 'http://localhost/log/x', host: 'pencil.io', status: 204, every: '2s' },
        version: { on: 'web', http: 'http://localhost/builddate.txt', host: 'pencil.io', kind: 'version' },
      }),
      ...only('cache', { cache: { on: 'cache', memcached: '127.0.0.1:11211' } }),
      ...only('docker', { rest: { on: 'docker', http: 'http://localhost:2900/', status: 200, body: 'hello', every: '2s' } }),
      ...only('app', { sock: { on: 'app', unix: '/srv/apps/hkn/dev.sock', path: '/', host: 'hkn.eecs.berkeley.edu', every: '2s' } }),
    },
    ...(has('lb') && has('web')
      ? {
          pools: {
            edge: {
              kind: 'haproxy',
              on: 'lb',
              socket: '/run/haproxy/admin.sock',
              backend: 'web',
              members: { role: 'web' },
              floor: { count: 1 },
            },
          },
        }
      : {}),
    ...(has('nfs') && has('web') ? { depends: { web: ['nfs'] } } : {}),
    ...only('files', {
      backups: { tree: { on: 'files', kind: 'rsync', from: '/data/', to: '/backup/manual/', sentinel: '/data/.mounted', max_age: '26h' } },
    }),
    ...only('app', { releases: { prod: { on: 'app', root: '~/hknweb/prod', restart: 'hknweb' } } }),
  });
}
