import type { Duplex } from 'node:stream';
import { HaproxyAdmin } from '../answers/haproxy-admin.ts';
import { WebAnswers } from '../answers/web-answers.ts';
import type { Machine } from '../machine/machine.ts';

const webPorts = new Set([80, 8811, 8816]);

/** The far ends of forwarded streams: programs of the simulated machines that answer in this process. */
export class Forwarding {
  readonly #web = new WebAnswers();
  readonly #admins = new Map<Machine, HaproxyAdmin>();

  /** What takes a connection to this address and port from inside the machine; `null`: refused. */
  port(machine: Machine, host: string, port: number): ((stream: Duplex) => void) | null {
    if (!['localhost', '127.0.0.1', '::1', machine.name, machine.spec.address].includes(host)) return null;
    if (machine.listener(port) === null) return null;
    return webPorts.has(port) && machine.spec.role !== 'nfs' ? (stream) => this.#web.serve(machine, port, stream) : silent;
  }

  /** The same for a unix socket. */
  socket(machine: Machine, path: string): ((stream: Duplex) => void) | null {
    if (machine.listener(path) === null) return null;
    if (path !== '/run/haproxy/admin.sock') return silent;
    const admin = this.#admins.get(machine) ?? new HaproxyAdmin(machine);
    this.#admins.set(machine, admin);
    return (stream) => admin.serve(stream);
  }

  stop(): void {
    this.#web.stop();
  }
}

/** Accepts, and hangs up at the first byte: these programs speak protocols nobody here asks for. */
function silent(stream: Duplex): void {
  stream.once('data', () => stream.end());
  stream.once('end', () => stream.end());
}
