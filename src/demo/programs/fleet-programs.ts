import type { Machine } from '../machine/machine.ts';
import { type Program, pause } from './program.ts';

/** What the demo fleet file's own commands have changed on a machine. */
interface Own {
  maintenance: boolean;
  jobsClosed: boolean;
  /** When the jobs were last counted or let in, epoch ms, and how many there were. */
  jobsAt: number;
  jobs: number;
  pages: number;
}

const known = new WeakMap<Machine, Own>();
const usualJobs = 7;
const usualPages = 18_412;
/** A closed gate lets its jobs run out, one in this time. */
const jobEndsMs = 2500;

function ownOf(machine: Machine): Own {
  const found = known.get(machine);
  if (found !== undefined) return found;
  const made = { maintenance: false, jobsClosed: false, jobsAt: 0, jobs: usualJobs, pages: usualPages };
  known.set(machine, made);
  return made;
}

/** Programs that only the demo fleet's machines have; its fleet file names them as maintenance mode, drain and actions. */
export const fleetPrograms: Readonly<Record<string, Program>> = {
  'maintenance-page': (call) => {
    const own = ownOf(call.machine);
    const [word] = call.args;
    if (word === 'is-on') return own.maintenance ? 0 : 1;
    if (word !== 'on' && word !== 'off') return usage(call, 'maintenance-page on|off|is-on');
    own.maintenance = word === 'on';
    return 0;
  },
  'job-gate': (call) => {
    const own = ownOf(call.machine);
    const now = call.machine.clock.now();
    const [word] = call.args;
    if (word === 'close') {
      own.jobs = own.jobsClosed ? own.jobs : usualJobs;
      own.jobsAt = own.jobsClosed ? own.jobsAt : now;
      own.jobsClosed = true;
    } else if (word === 'open') own.jobsClosed = false;
    else if (word === 'count') {
      const left = own.jobsClosed ? Math.max(0, own.jobs - Math.floor((now - own.jobsAt) / jobEndsMs)) : usualJobs;
      call.out(`${left}\n`);
    } else return usage(call, 'job-gate open|close|count');
    return 0;
  },
  'purge-cache': async (call) => {
    const own = ownOf(call.machine);
    const [site = '', most = ''] = call.args;
    if (site === '') return usage(call, 'purge-cache SITE [PAGES]');
    await pause(call, 400);
    const purged = Math.min(own.pages, most === '' ? own.pages : Number(most));
    own.pages -= purged;
    call.out(`${site}: ${purged} pages purged, ${own.pages} left\n`);
    return 0;
  },
};

function usage(call: Parameters<Program>[0], words: string): number {
  call.err(`usage: ${words}\n`);
  return 64;
}
