import type { Program, ProgramCall } from './program.ts';
import { change } from './systemctl.ts';

/** service(8): on a machine with systemd it hands over to systemctl. */
export const service: Program = (call) => {
  const [name, verb] = call.args;
  if (name === undefined || verb === undefined) {
    call.err('Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]\n');
    return 1;
  }
  return initScript(name)({ ...call, args: [verb] });
};

/** /etc/init.d/NAME: prints what the script prints and exits 0, whether the program came up or not. */
export function initScript(name: string): Program {
  return async (call) => {
    const verb = call.args[0] ?? '';
    const unit = call.machine.unit(name);
    if (unit === null) {
      call.err(`${name}: unrecognized service\n`);
      return 1;
    }
    if (verb === 'status') {
      call.out(unit.alive ? `${name} is running\n` : `${name} is not running\n`);
      return unit.alive ? 0 : 3;
    }
    if (!['start', 'stop', 'restart', 'reload', 'force-reload'].includes(verb)) {
      call.err(`Usage: /etc/init.d/${name} {start|stop|restart|status}\n`);
      return 1;
    }
    const code = await change(call, verb === 'force-reload' ? 'reload' : verb, [name]);
    if (code === 0 && unit.spec.kind === 'sysv' && verb !== 'stop' && !unit.alive) call.out('Did not start.\n');
    return code;
  };
}

/** The shell's answer to a program that is not installed, docker among them. */
export function notFound(call: ProgramCall, name: string): number {
  call.err(`sh: 1: ${name}: not found\n`);
  return 127;
}
