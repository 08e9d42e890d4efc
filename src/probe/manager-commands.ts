import type { ServiceSpec, Sudo } from '../fleet/definition.ts';
import { quoteWord } from './quote-word.ts';

/**
 * Properties asked of systemd. Old versions leave out what they do not know (InvocationID before 232, NRestarts before 235).
 * @see systemctl(1) show, org.freedesktop.systemd1(5)
 */
const unitProperties = [
  'Id',
  'Names',
  'LoadState',
  'ActiveState',
  'SubState',
  'Result',
  'NRestarts',
  'MainPID',
  'ExecMainStatus',
  'ExecMainStartTimestampMonotonic',
  'InvocationID',
  'StateChangeTimestampMonotonic',
  'ActiveEnterTimestampMonotonic',
  'InactiveEnterTimestampMonotonic',
  'SourcePath',
  'RemainAfterExit',
  'Type',
  'Job',
];

/** Only what is shown or judged: a container's whole description holds its environment, and that holds passwords. */
const containerFormat =
  '{"Id":{{json .ID}},"Name":{{json .Name}},"RestartCount":{{json .RestartCount}},"Labels":{{json .Config.Labels}},' +
  '"State":{"Status":{{json .State.Status}},"Running":{{json .State.Running}},"OOMKilled":{{json .State.OOMKilled}},' +
  '"Pid":{{json .State.Pid}},"ExitCode":{{json .State.ExitCode}},"Error":{{json .State.Error}},' +
  '"StartedAt":{{json .State.StartedAt}},"FinishedAt":{{json .State.FinishedAt}},' +
  '"Health":{{if .State.Health}}{{json .State.Health.Status}}{{else}}null{{end}}}}';

function unitsOf(services: readonly ServiceSpec[]): string {
  return [...new Set(services.map((service) => quoteWord(service.unit)))].join(' ');
}

/** What is put before a command that may need rights; `-n` so that a missing right is an error and never a question. */
export function sudoPrefix(sudo: Sudo): string {
  if (sudo.kind === 'no') return '';
  return sudo.kind === 'root' ? 'sudo -n ' : `sudo -n -u ${quoteWord(sudo.user)} `;
}

/** `systemctl show` of the services' units, `--user` for those of the login user's own systemd. */
export function showUnits(services: readonly ServiceSpec[], user: boolean): string {
  return `systemctl ${user ? '--user ' : ''}show --no-pager -p ${unitProperties.join(',')} -- ${unitsOf(services)}`;
}

export function supervisorStatus(services: readonly ServiceSpec[], sudo: Sudo): string {
  return `${sudoPrefix(sudo)}supervisorctl status ${unitsOf(services)}`;
}

/**
 * One `sh -c`, so that a single time box ends all of it. Compose containers are found by label, which holds for `p_s_1` (v1),
 * `p-s-1` (v2) and names of their own.
 */
export function inspectContainers(services: readonly ServiceSpec[], sudo: Sudo): string {
  const docker = `${sudoPrefix(sudo)}docker`;
  const plain = services.filter((service) => service.manager === 'docker');
  const projects = new Set(services.flatMap((service) => (service.manager === 'docker-compose' ? [service.project ?? ''] : [])));
  const lines = ['i='];
  for (const project of projects) {
    const filter = project === '' ? 'label=com.docker.compose.project' : `label=com.docker.compose.project=${project}`;
    lines.push(`j=$(${docker} ps -aq --no-trunc --filter ${quoteWord(filter)}) || exit 3`, 'i="$i $j"');
  }
  const names = unitsOf(plain);
  lines.push(`set -- ${names} $i`, '[ $# -gt 0 ] || exit 0');
  lines.push(`exec ${docker} inspect --type container --format ${quoteWord(containerFormat)} "$@"`);
  return `sh -c ${quoteWord(lines.join('; '))}`;
}

/**
 * The lines of /proc/net that show what listens: state 0A (TCP_LISTEN) for the ports, and unix sockets by their bound path.
 * @see Documentation/networking/proc_net_tcp.rst
 */
export function listenPattern(services: readonly ServiceSpec[]): string | null {
  const ports = new Set(services.flatMap((service) => (service.port === null ? [] : [service.port])));
  const sockets = new Set(services.flatMap((service) => (service.socket === null ? [] : [service.socket])));
  const branches: string[] = [];
  if (ports.size > 0) {
    const hex = [...ports].map((port) => port.toString(16).toUpperCase().padStart(4, '0')).join('|');
    branches.push(`:(${hex}) [0-9A-F]+:0000 0A `);
  }
  for (const socket of sockets) {
    // /var/run is a link to /run on most hosts, and the kernel keeps the path the program used.
    const tail = socket.replace(/^\/var\/run\//, '/run/').replace(/[.[\]{}()*+?^$|\\]/g, '\\$&');
    // haproxy binds its socket as NAME.PID.tmp and renames it; the kernel goes on showing the first name.
    branches.push(`${tail.startsWith('/run/') ? ` (/var)?${tail}` : ` ${tail}`}(\\.[0-9]+\\.tmp)?$`);
  }
  return branches.length === 0 ? null : branches.join('|');
}
