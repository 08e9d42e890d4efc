import type { Duplex } from 'node:stream';
import type { Machine } from '../machine/machine.ts';
import { type HaproxyState, haproxyOf } from './haproxy-state.ts';
import { loadHealthy } from './web-answers.ts';

/** Columns of `show stat` in haproxy 2.6 up to `need_conn_est`. */
const columns =
  'pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code,check_duration,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail,req_rate,req_rate_max,req_tot,cli_abrt,srv_abrt,comp_in,comp_out,comp_byp,comp_rsp,lastsess,last_chk,last_agt,qtime,ctime,rtime,ttime,agent_status,agent_code,agent_duration,check_desc,agent_desc,check_rise,check_fall,check_health,agent_rise,agent_fall,agent_health,addr,cookie,mode,algo,conn_rate,conn_rate_max,conn_tot,intercepted,dcon,dses,wrew,connect,reuse,cache_lookups,cache_hits,srv_icur,src_ilim,qtime_max,ctime_max,rtime_max,ttime_max,eint,idle_conn_cur,safe_conn_cur,used_conn_cur,need_conn_est'.split(
    ',',
  );

/** The admin socket of a simulated haproxy with one backend, `web` (haproxy management guide, 9.3). */
export class HaproxyAdmin {
  readonly #machine: Machine;
  readonly #haproxy: HaproxyState;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#haproxy = haproxyOf(machine);
  }

  /** One line of commands, then the connection ends, as without `prompt`. */
  serve(stream: Duplex): void {
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.length > 16_384) stream.destroy();
      const end = text.indexOf('\n');
      if (end === -1) return;
      const line = text.slice(0, end);
      text = '';
      stream.end(this.answer(line));
    });
  }

  /** What the socket answers to one line of commands; an empty line ends each. */
  answer(line: string): string {
    return line
      .split(';')
      .map((command) => `${this.#run(command.trim())}\n`)
      .join('');
  }

  #run(command: string): string {
    const [, verb = '', backend = '', server = '', rest = ''] =
      /^(set|enable|disable|shutdown sessions) server ([^\s/]+)\/(\S+)(?: (.+))?$/.exec(command) ?? [];
    if (verb !== '') return this.#change(verb, backend, server, rest);
    const stat = /^show stat(?: (\S+))?/.exec(command);
    if (stat !== null) return known(stat[1]) ? this.#stat() : 'No such proxy.\n';
    const servers = /^show servers state(?: (\S+))?$/.exec(command);
    if (servers !== null) return known(servers[1]) ? this.#servers() : "Can't find backend.\n";
    if (command === 'show info')
      return `Name: HAProxy\nVersion: 2.6.12-1+deb12u2\nNode: ${this.#machine.name}\nPid: ${this.#machine.unit('haproxy')?.mainPid ?? 0}\n`;
    return 'Unknown command. Please enter one of the following commands only :\n  show stat\n  show servers state\n  set server <b>/<s> state [ready|drain|maint]\n  set server <b>/<s> weight <w>\n  shutdown sessions server <b>/<s>\n';
  }

  #change(verb: string, backend: string, server: string, rest: string): string {
    if (backend !== 'web') return 'No such backend.\n';
    const web = this.#machine.backends.find(({ name }) => name === server);
    if (web === undefined) return 'No such server.\n';
    if (verb === 'enable' || verb === 'disable') this.#haproxy.set(web, verb === 'enable' ? 'ready' : 'maint');
    else if (verb === 'shutdown sessions') this.#haproxy.cut(web);
    else {
      const [, state] = /^state (ready|drain|maint)$/.exec(rest) ?? [];
      const [, weight] = /^weight (\d{1,3})$/.exec(rest) ?? [];
      if (state !== undefined) this.#haproxy.set(web, state === 'drain' ? 'drain' : state === 'maint' ? 'maint' : 'ready');
      else if (weight !== undefined && Number(weight) <= 256) this.#haproxy.setWeight(web, Number(weight));
      else return "'set server <srv>' only supports 'state', 'weight'.\n";
    }
    return '';
  }

  #sessions(web: Machine): number {
    return loadHealthy(web) ? Math.round((9 + Math.round(web.now.running * 12)) * this.#haproxy.share(web)) : 0;
  }

  #status(web: Machine): string {
    const state = this.#haproxy.adminState(web);
    if (state !== 'ready') return state === 'maint' ? 'MAINT' : 'DRAIN';
    return !loadHealthy(web) ? 'DOWN' : this.#haproxy.rising(web) ? 'UP 1/2' : 'UP';
  }

  #changeAge(web: Machine): number {
    return Math.floor((this.#machine.clock.now() - (this.#haproxy.changedAt(web) ?? this.#machine.spec.bootedAt)) / 1000);
  }

  #stat(): string {
    const rows = this.#machine.backends.map((web, index) => {
      const maint = this.#haproxy.adminState(web) === 'maint';
      const up = loadHealthy(web);
      return this.#row({
        svname: web.name,
        scur: String(this.#sessions(web)),
        stot: String(Math.floor(this.#haproxy.requests(web))),
        lbtot: String(Math.floor(this.#haproxy.requests(web))),
        bin: String(Math.floor(web.ethernet.rxBytes)),
        bout: String(Math.floor(web.ethernet.txBytes)),
        status: this.#status(web),
        weight: String(this.#haproxy.weight(web)),
        act: '1',
        bck: '0',
        lastchg: String(this.#changeAge(web)),
        sid: String(index + 1),
        type: '2',
        check_status: maint ? '' : up ? 'L7OK' : 'L7TOUT',
        check_code: up && !maint ? '200' : '',
        addr: `${web.spec.address}:80`,
      });
    });
    const upCount = this.#haproxy.receiving().filter(loadHealthy).length;
    const total = this.#row({
      svname: 'BACKEND',
      scur: String(this.#machine.backends.reduce((sum, web) => sum + this.#sessions(web), 0)),
      stot: String(this.#machine.backends.reduce((sum, web) => sum + Math.floor(this.#haproxy.requests(web)), 0)),
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
      const state = this.#haproxy.adminState(web);
      const admin = state === 'maint' ? 1 : state === 'drain' ? 8 : 0;
      return `3 web ${index + 1} ${web.name} ${web.spec.address} ${loadHealthy(web) && state !== 'maint' ? 2 : 0} ${admin} ${this.#haproxy.weight(web)} 1 ${this.#changeAge(web)} 15 3 4 6 0 0 0 - 80 - 0 0 - - 0\n`;
    });
    return (
      '1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port\n' +
      rows.join('')
    );
  }
}

/** Whether a command that may name a backend names the one there is. */
function known(backend: string | undefined): boolean {
  return backend === undefined || backend === 'web' || backend === '-1';
}
