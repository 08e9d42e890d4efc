import type { Duplex } from 'node:stream';
import type { Machine } from '../machine/machine.ts';
import { loadHealthy } from './web-answers.ts';

type AdminState = 'ready' | 'drain' | 'maint';

/** Columns of `show stat` in haproxy 2.6 up to `need_conn_est`. */
const columns =
  'pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code,check_duration,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail,req_rate,req_rate_max,req_tot,cli_abrt,srv_abrt,comp_in,comp_out,comp_byp,comp_rsp,lastsess,last_chk,last_agt,qtime,ctime,rtime,ttime,agent_status,agent_code,agent_duration,check_desc,agent_desc,check_rise,check_fall,check_health,agent_rise,agent_fall,agent_health,addr,cookie,mode,algo,conn_rate,conn_rate_max,conn_tot,intercepted,dcon,dses,wrew,connect,reuse,cache_lookups,cache_hits,srv_icur,src_ilim,qtime_max,ctime_max,rtime_max,ttime_max,eint,idle_conn_cur,safe_conn_cur,used_conn_cur,need_conn_est'.split(
    ',',
  );

/** Sessions that end a second while a server drains. */
const drainedPerS = 3;

/** The admin socket of a simulated haproxy with one backend, `web` (haproxy management guide, 9.3). */
export class HaproxyAdmin {
  readonly #machine: Machine;
  readonly #states = new Map<string, { readonly state: AdminState; readonly since: number }>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** One line of commands, then the connection ends, as without `prompt`. */
  serve(stream: Duplex): void {
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.length > 16_384) stream.destroy();
      const end = text.indexOf('\n');
      if (end === -1) return;
      const commands = text.slice(0, end).split(';');
      text = '';
      stream.end(commands.map((command) => `${this.#run(command.trim())}\n`).join(''));
    });
  }

  #run(command: string): string {
    const set = /^set server (\S+)\/(\S+) state (ready|drain|maint)$/.exec(command);
    if (set !== null) return this.#set(set[1] ?? '', set[2] ?? '', set[3] === 'drain' ? 'drain' : set[3] === 'maint' ? 'maint' : 'ready');
    const able = /^(enable|disable) server (\S+)\/(\S+)$/.exec(command);
    if (able !== null) return this.#set(able[2] ?? '', able[3] ?? '', able[1] === 'enable' ? 'ready' : 'maint');
    if (command.startsWith('show stat')) return this.#stat();
    if (command.startsWith('show servers state')) return this.#servers();
    if (command === 'show info')
      return `Name: HAProxy\nVersion: 2.6.12-1+deb12u2\nNode: ${this.#machine.name}\nPid: ${this.#machine.unit('haproxy')?.mainPid ?? 0}\n`;
    return 'Unknown command. Please enter one of the following commands only :\n  show stat\n  show servers state\n  set server <b>/<s> state [ready|drain|maint]\n';
  }

  #set(backend: string, server: string, state: AdminState): string {
    if (backend !== 'web') return 'No such backend.\n';
    if (!this.#machine.backends.some((web) => web.name === server)) return 'No such server.\n';
    this.#states.set(server, { state, since: this.#machine.clock.now() });
    return '';
  }

  #stateOf(web: Machine): { readonly state: AdminState; readonly since: number } {
    return this.#states.get(web.name) ?? { state: 'ready', since: this.#machine.spec.bootedAt };
  }

  #sessions(web: Machine): number {
    const { state, since } = this.#stateOf(web);
    const usual = loadHealthy(web) ? 9 + Math.round(web.now.running * 12) : 0;
    const goneS = (this.#machine.clock.now() - since) / 1000;
    return state === 'ready' ? usual : Math.max(0, Math.round(usual - goneS * drainedPerS));
  }

  #stat(): string {
    const rows = this.#machine.backends.map((web, index) => {
      const { state, since } = this.#stateOf(web);
      const up = loadHealthy(web);
      const status = state === 'maint' ? 'MAINT' : state === 'drain' ? 'DRAIN' : up ? 'UP' : 'DOWN';
      return this.#row({
        svname: web.name,
        scur: String(this.#sessions(web)),
        stot: String(Math.floor(web.switches / 40)),
        bin: String(Math.floor(web.ethernet.rxBytes)),
        bout: String(Math.floor(web.ethernet.txBytes)),
        status,
        weight: '1',
        act: '1',
        bck: '0',
        lastchg: String(Math.floor((this.#machine.clock.now() - since) / 1000)),
        sid: String(index + 1),
        type: '2',
        check_status: up ? 'L7OK' : 'L7TOUT',
        check_code: up ? '200' : '',
        addr: `${web.spec.address}:80`,
      });
    });
    const upCount = this.#machine.backends.filter(loadHealthy).length;
    const total = this.#row({
      svname: 'BACKEND',
      scur: String(this.#machine.backends.reduce((sum, web) => sum + this.#sessions(web), 0)),
      status: upCount > 0 ? 'UP' : 'DOWN',
      act: String(upCount),
      type: '1',
      algo: 'roundrobin',
    });
    return `# ${columns.join(',')},\n${rows.join('')}${total}`;
  }

  #row(values: Readonly<Record<string, string>>): string {
    const all: Readonly<Record<string, string>> = { pxname: 'web', qcur: '0', qmax: '0', pid: '1', iid: '3', mode: 'http', ...values };
    return `${columns.map((column) => all[column] ?? '').join(',')},\n`;
  }

  /** Version 1 of the state file; srv_admin_state: 0 ready, 1 forced maintenance, 8 forced drain. */
  #servers(): string {
    const rows = this.#machine.backends.map((web, index) => {
      const { state, since } = this.#stateOf(web);
      const admin = state === 'maint' ? 1 : state === 'drain' ? 8 : 0;
      const age = Math.floor((this.#machine.clock.now() - since) / 1000);
      return `3 web ${index + 1} ${web.name} ${web.spec.address} ${loadHealthy(web) && state !== 'maint' ? 2 : 0} ${admin} 1 1 ${age} 15 3 4 6 0 0 0 - 80 - 0 0 - - 0\n`;
    });
    return (
      '1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port\n' +
      rows.join('')
    );
  }
}
