import { setTimeout as pause } from 'node:timers/promises';
import type { Lab } from './lab.ts';
import { pollUntil } from './poll-until.ts';

/** A word to HAProxy through its admin socket, past the console. */
export async function tellBalancer(lab: Lab, command: string): Promise<string> {
  const script = `import socket,sys
s = socket.socket(socket.AF_UNIX); s.connect('/run/haproxy/admin.sock'); s.send((sys.argv[1] + '\\n').encode())
print(s.makefile().read())`;
  return lab.must('lb1', `python3 -c "${script}" '${command}'`);
}

/** Status of a server as HAProxy tells it: `UP`, `DOWN`, `DRAIN`, `MAINT`, `UP 1/2`, … */
export async function statusOf(lab: Lab, server: string): Promise<string> {
  const [head = '', ...rows] = (await tellBalancer(lab, 'show stat web 4 -1')).replace(/^# /, '').split('\n');
  const column = head.split(',').indexOf('status');
  const row = rows.map((each) => each.split(',')).find((fields) => fields[1] === server);
  return row?.[column] ?? 'missing';
}

/** Whether it was told to take no new requests, which its status hides while it is down; srv_admin_state of `show servers state`. */
export async function isDrained(lab: Lab, server: string): Promise<boolean> {
  const [, head = '', ...rows] = (await tellBalancer(lab, 'show servers state web')).split('\n');
  const column = head.replace(/^# /, '').split(' ').indexOf('srv_admin_state');
  const row = rows.map((each) => each.split(' ')).find((fields) => fields[3] === server);
  return (Number(row?.[column]) & 0x08) !== 0;
}

/** Waits for a status; throws with the one it has when it does not come in time. */
export async function untilStatus(lab: Lab, server: string, wanted: string, deadlineMs = 20_000): Promise<void> {
  let seen = '';
  const came = await pollUntil(
    async () => {
      seen = await statusOf(lab, server);
      return seen === wanted;
    },
    deadlineMs,
    200,
  );
  if (!came) throw new Error(`HAProxy says that ${server} is ${seen}, not ${wanted}`);
}

/** Orders about a server that arrived, each once: what sudo on the balancer wrote down of the texts it ran. */
export async function ordersOf(lab: Lab, server: string): Promise<{ readonly drain: number; readonly ready: number }> {
  // sudo cuts a long command into several lines.
  const log = await lab.must('lb1', "journalctl --no-pager -o cat _COMM=sudo | sed 's/^ *ops : (command continued) //' | tr -d '\\n'");
  const count = (state: string): number => log.split(`set server web/${server} state ${state}`).length - 1;
  return { drain: count('drain'), ready: count('ready') };
}

export interface Load {
  /** Answers other than 200, as `seconds since the load began: status`. */
  readonly bad: string[];
  readonly good: number;
}

/** One request after the other through the balancer, until it is ended. */
export function steadyLoad(address: string): { end(): Promise<Load> } {
  const startedAt = performance.now();
  const bad: string[] = [];
  let good = 0;
  let asking = true;
  const running = (async () => {
    while (asking) {
      const status = await fetch(`http://${address}/load/first`, { signal: AbortSignal.timeout(5000) })
        .then(async (answer) => {
          await answer.arrayBuffer();
          return answer.status;
        })
        .catch(() => 0);
      if (status === 200) good += 1;
      else bad.push(`${((performance.now() - startedAt) / 1000).toFixed(1)} s: ${status}`);
      await pause(40);
    }
  })();
  return {
    end: async () => {
      asking = false;
      await running;
      return { bad, good };
    },
  };
}
