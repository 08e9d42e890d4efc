import type { UnitSpec } from './unit.ts';

export type MachineRole = 'web' | 'nfs' | 'lb';

const nginx: UnitSpec = {
  id: 'nginx.service',
  aliases: [],
  kind: 'forking',
  description: 'A high performance web server and a reverse proxy server',
  fragmentPath: '/lib/systemd/system/nginx.service',
  sourcePath: null,
  unitFileState: 'enabled',
  liveSub: 'running',
  startPre: '/usr/sbin/nginx -t -q -g daemon on; master_process on;',
  start: '/usr/sbin/nginx -g daemon on; master_process on;',
  program: 'nginx',
  ports: [
    { port: 80, address: '0.0.0.0', uid: 0 },
    { port: 443, address: '0.0.0.0', uid: 0 },
  ],
  sockets: [],
  memoryBytes: 9_412_608,
  tasks: 3,
  stopMs: 180,
  startMs: 360,
  listenAfterMs: 0,
  properties: {
    PIDFile: '/run/nginx.pid',
    TimeoutStopUSec: '5s',
    TimeoutAbortUSec: '5s',
    KillMode: 'mixed',
    Documentation: '"man:nginx(8)"',
    ExecReload:
      '{ path=/usr/sbin/nginx ; argv[]=/usr/sbin/nginx -g daemon on; master_process on; -s reload ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }',
    ExecStop:
      '{ path=/sbin/start-stop-daemon ; argv[]=/sbin/start-stop-daemon --quiet --stop --retry QUIT/5 --pidfile /run/nginx.pid ; ignore_errors=yes ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }',
  },
};

function sysvCommand(name: string, verb: string): string {
  return `{ path=/etc/init.d/${name} ; argv[]=/etc/init.d/${name} ${verb} ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }`;
}

/** What systemd-sysv-generator writes for a script without a pidfile header. */
function sysv(
  name: string,
  description: string,
  rest: Pick<UnitSpec, 'liveSub' | 'program' | 'ports' | 'sockets' | 'memoryBytes' | 'tasks' | 'stopMs' | 'startMs' | 'listenAfterMs'>,
  reloads = false,
): UnitSpec {
  return {
    id: `${name}.service`,
    aliases: [],
    kind: 'sysv',
    description,
    fragmentPath: `/run/systemd/generator.late/${name}.service`,
    sourcePath: `/etc/init.d/${name}`,
    unitFileState: 'generated',
    startPre: null,
    start: `/etc/init.d/${name} start`,
    properties: {
      ...(reloads ? { ExecReload: sysvCommand(name, 'reload') } : {}),
      TimeoutStartUSec: '5min',
      TimeoutStopUSec: '5min',
      TimeoutAbortUSec: '5min',
      RemainAfterExit: 'yes',
      GuessMainPID: 'no',
      SuccessExitStatus: '5 6',
      IgnoreSIGPIPE: 'no',
      KillMode: 'process',
      Documentation: '"man:systemd-sysv-generator(8)"',
      ExecStop: sysvCommand(name, 'stop'),
    },
    ...rest,
  };
}

const pencils = sysv('pencils', 'LSB: Pencil Code node server', {
  liveSub: 'exited',
  program: 'node',
  ports: [{ port: 8816, address: '127.0.0.1', uid: 901 }],
  sockets: [],
  memoryBytes: 135_971_072,
  tasks: 18,
  stopMs: 320,
  startMs: 620,
  listenAfterMs: 750,
});

const pencilsock = sysv('pencilsock', 'LSB: Pencil Code socket.io server', {
  liveSub: 'exited',
  program: 'node',
  ports: [{ port: 8811, address: '127.0.0.1', uid: 901 }],
  sockets: [],
  memoryBytes: 60_572_544,
  tasks: 11,
  stopMs: 280,
  startMs: 540,
  listenAfterMs: 600,
});

const uwsgi = sysv(
  'uwsgi',
  'LSB: Start/stop uWSGI server instance(s)',
  {
    liveSub: 'running',
    program: 'uwsgi',
    ports: [],
    sockets: ['/run/uwsgi/app/img/socket', '/run/uwsgi/app/goto/socket'],
    memoryBytes: 85_767_936,
    tasks: 6,
    stopMs: 400,
    startMs: 900,
    listenAfterMs: 0,
  },
  true,
);

const nfsServer: UnitSpec = {
  id: 'nfs-server.service',
  aliases: ['nfs-kernel-server.service'],
  kind: 'oneshot',
  description: 'NFS server and services',
  fragmentPath: '/lib/systemd/system/nfs-server.service',
  sourcePath: null,
  unitFileState: 'enabled',
  liveSub: 'exited',
  startPre: '/usr/sbin/exportfs -r',
  start: '/usr/sbin/rpc.nfsd',
  program: 'rpc.nfsd',
  ports: [{ port: 2049, address: '0.0.0.0', uid: 0 }],
  sockets: [],
  memoryBytes: null,
  tasks: null,
  stopMs: 450,
  startMs: 800,
  listenAfterMs: 0,
  properties: {
    TimeoutStartUSec: 'infinity',
    RemainAfterExit: 'yes',
    DefaultDependencies: 'no',
    Conflicts: '',
    RequiresMountsFor: '/data',
    ExecReload:
      '{ path=/usr/sbin/exportfs ; argv[]=/usr/sbin/exportfs -r ; ignore_errors=yes ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }',
    ExecStop:
      '{ path=/usr/sbin/rpc.nfsd ; argv[]=/usr/sbin/rpc.nfsd 0 ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }',
  },
};

const rpcbind: UnitSpec = {
  id: 'rpcbind.service',
  aliases: ['portmap.service'],
  kind: 'simple',
  description: 'RPC bind portmap service',
  fragmentPath: '/lib/systemd/system/rpcbind.service',
  sourcePath: null,
  unitFileState: 'enabled',
  liveSub: 'running',
  startPre: null,
  start: '/sbin/rpcbind -f -w',
  program: 'rpcbind',
  ports: [{ port: 111, address: '0.0.0.0', uid: 0 }],
  sockets: ['/run/rpcbind.sock'],
  memoryBytes: 2_326_528,
  tasks: 1,
  stopMs: 120,
  startMs: 240,
  listenAfterMs: 0,
  properties: { Documentation: '"man:rpcbind(8)"' },
};

const haproxy: UnitSpec = {
  id: 'haproxy.service',
  aliases: [],
  kind: 'simple',
  description: 'HAProxy Load Balancer',
  fragmentPath: '/lib/systemd/system/haproxy.service',
  sourcePath: null,
  unitFileState: 'enabled',
  liveSub: 'running',
  startPre: '/usr/sbin/haproxy -Ws -f /etc/haproxy/haproxy.cfg -c -q',
  start: '/usr/sbin/haproxy -Ws -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid -S /run/haproxy-master.sock',
  program: 'haproxy',
  ports: [
    { port: 80, address: '0.0.0.0', uid: 0 },
    { port: 443, address: '0.0.0.0', uid: 0 },
  ],
  sockets: ['/run/haproxy/admin.sock', '/run/haproxy-master.sock'],
  memoryBytes: 43_167_744,
  tasks: 3,
  stopMs: 200,
  startMs: 420,
  listenAfterMs: 0,
  properties: {
    Restart: 'always',
    KillMode: 'mixed',
    Documentation: '"man:haproxy(1)" "file:/usr/share/doc/haproxy/configuration.txt.gz"',
  },
};

const ssh: UnitSpec = {
  id: 'ssh.service',
  aliases: ['sshd.service'],
  kind: 'simple',
  description: 'OpenBSD Secure Shell server',
  fragmentPath: '/lib/systemd/system/ssh.service',
  sourcePath: null,
  unitFileState: 'enabled',
  liveSub: 'running',
  startPre: '/usr/sbin/sshd -t',
  start: '/usr/sbin/sshd -D $SSHD_OPTS',
  program: 'sshd',
  ports: [{ port: 22, address: '0.0.0.0', uid: 0 }],
  sockets: [],
  memoryBytes: 6_955_008,
  tasks: 1,
  stopMs: 100,
  startMs: 260,
  listenAfterMs: 0,
  properties: { Restart: 'on-failure', KillMode: 'process', Documentation: '"man:sshd(8)" "man:sshd_config(5)"' },
};

/** Units of a role, in the order they are shown. */
export const unitsOf: Readonly<Record<MachineRole, readonly UnitSpec[]>> = {
  web: [nginx, pencils, pencilsock, uwsgi, ssh],
  nfs: [nfsServer, rpcbind, ssh],
  lb: [haproxy, ssh],
};
