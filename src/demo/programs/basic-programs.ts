import type { Machine } from '../machine/machine.ts';
import { dfBlocks, dfInodes } from '../text/df.ts';
import { type Program, pause, touchMount } from './program.ts';

/** Small programs whose answer is one look at the machine. */
export const basicPrograms: Readonly<Record<string, Program>> = {
  true: () => 0,
  ':': () => 0,
  false: () => 1,
  echo: (call) => {
    call.out(`${call.args.join(' ')}\n`);
    return 0;
  },
  hostname: (call) => {
    call.out(`${call.machine.name}\n`);
    return 0;
  },
  whoami: (call) => {
    call.out(`${call.user}\n`);
    return 0;
  },
  nproc: (call) => {
    call.out(`${call.machine.spec.cores}\n`);
    return 0;
  },
  uname: (call) => {
    call.out(call.args.includes('-r') ? '6.1.0-37-cloud-amd64\n' : 'Linux\n');
    return 0;
  },
  uptime: (call) => {
    call.machine.advance();
    call.out(uptimeLine(call.machine));
    return 0;
  },
  sleep: async (call) => {
    await pause(call, (Number(call.args[0]) || 0) * 1000);
    return 0;
  },
  df: (call) => {
    call.out(call.args.some((word) => /^-\w*i/.test(word)) ? dfInodes(call.machine) : dfBlocks(call.machine));
    return 0;
  },
  stat: async (call) => {
    const path = call.args.filter((word) => !word.startsWith('-')).at(-1) ?? '';
    await touchMount(call, path);
    if (call.stopped.aborted) return 124;
    if (call.machine.mountLost && path.startsWith('/mnt/datadisk/')) {
      call.err(`stat: cannot statx '${path}': No such file or directory\n`);
      return 1;
    }
    call.out(`${path} 4096 8 41ed 0 0 2e 2 5 0 0 1763760000 1763760000 1763760000 0 1048576\n`);
    return 0;
  },
  ss: (call) => {
    call.out(socketTable(call.machine, call.args));
    return 0;
  },
  nc: (call) => {
    const port = Number(call.args.filter((word) => /^\d+$/.test(word)).at(-1));
    return call.machine.listener(port) === null ? 1 : 0;
  },
  wc: (call) => {
    call.out(`${call.stdin.split('\n').length - 1}\n`);
    return 0;
  },
  nginx: (call) => {
    if (!call.args.includes('-t') || call.machine.unit('nginx') === null) return 1;
    call.err(
      'nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: configuration file /etc/nginx/nginx.conf test is successful\n',
    );
    return 0;
  },
};

function uptimeLine(machine: Machine): string {
  const now = machine.clock.now();
  const minutes = Math.floor((now - machine.spec.bootedAt) / 60_000);
  const days = Math.floor(minutes / 1440);
  const clock = `${String(Math.floor(minutes / 60) % 24).padStart(2)}:${String(minutes % 60).padStart(2, '0')}`;
  const { one, five, fifteen } = machine.load;
  return ` ${new Date(now).toISOString().slice(11, 19)} up ${days} days, ${clock},  1 user,  load average: ${one.toFixed(2)}, ${five.toFixed(2)}, ${fifteen.toFixed(2)}\n`;
}

/** Established connections of these ports of a machine: those that the load balancer brings. */
export function openConnections(machine: Machine, ports: readonly number[]): number {
  return ports.some((port) => machine.listener(port) !== null) ? Math.round((3 + machine.now.running * 4) * machine.traffic()) : 0;
}

/** ss(8): listeners with -l, else the connections of the ports in the filter. */
function socketTable(machine: Machine, args: readonly string[]): string {
  const letters = args.filter((word) => /^-[a-zA-Z]+$/.test(word)).join('');
  const ports = [...args.join(' ').matchAll(/[sd]port\s*=\s*:?(\d+)/g)].map((match) => Number(match[1]));
  const listening = letters.includes('l');
  const head = letters.includes('H') ? '' : 'State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n';
  const rows = machine.units.flatMap((unit) =>
    unit.spec.ports
      .filter(({ port }) => unit.listener(port) !== null && (ports.length === 0 || ports.includes(port)))
      .map(({ port, address }) => {
        const process = letters.includes('p') ? `users:(("${unit.spec.program}",pid=${unit.execPid + 1},fd=6))` : '';
        return listening ? `LISTEN 0      511    ${`${address}:${port}`.padStart(21)}        0.0.0.0:*    ${process}\n` : '';
      }),
  );
  if (listening) return head + rows.join('');
  const open = openConnections(machine, ports);
  return (
    head +
    Array.from(
      { length: open },
      (_, index) => `ESTAB 0      0      ${machine.spec.address}:80    10.128.0.${9 + index}:${41_000 + index * 7}\n`,
    ).join('')
  );
}
