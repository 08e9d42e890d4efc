import { createServer, type Server, type Socket } from 'node:net';
import ssh2 from 'ssh2';
import type { Machine } from '../machine/machine.ts';
import { serveExec, serveLogin } from './command-session.ts';
import type { Forwarding } from './forwarding.ts';

/** What all hosts of one demo share. */
export interface HostKeys {
  /** ed25519 private key in OpenSSH format. */
  readonly hostKeyPem: string;
  /** The only public key that may log in. */
  readonly allowed: ssh2.ParsedKey;
}

/** As a Debian 12 host says it; ssh2's client forwards unix sockets only to a server that calls itself OpenSSH. */
const ident = 'OpenSSH_9.2p1 Debian-2+deb12u7';

/** Again this long after a port could not be had back, ms. */
const rebindMs = 500;

const noop = (): void => {};

/** The sshd of one simulated machine, on loopback. It stops listening while the machine is unreachable. */
export class HostServer {
  readonly machine: Machine;
  readonly #keys: HostKeys;
  readonly #forwarding: Forwarding;
  readonly #sockets = new Set<Socket>();
  #listener: Server | null = null;
  #ssh: ssh2.Server | null = null;
  #port = 0;
  #stopped = false;
  #gaveShell = true;

  constructor(machine: Machine, keys: HostKeys, forwarding: Forwarding) {
    this.machine = machine;
    this.#keys = keys;
    this.#forwarding = forwarding;
    machine.watch(() => this.#follow());
  }

  get port(): number {
    return this.#port;
  }

  /** Takes an ephemeral port of 127.0.0.1. */
  start(): Promise<void> {
    return this.#listen();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#hangUp();
    await this.#unlisten();
  }

  #follow(): void {
    if (this.#stopped) return;
    if (this.machine.givesShell !== this.#gaveShell) {
      this.#gaveShell = this.machine.givesShell;
      this.#hangUp();
    }
    if (this.machine.reachable && this.#listener === null)
      this.#listen().catch(() => this.machine.clock.after(rebindMs, () => this.#follow()));
    if (!this.machine.reachable && this.#listener !== null) {
      this.#hangUp();
      void this.#unlisten();
    }
  }

  #listen(): Promise<void> {
    const listener = createServer((socket) => this.#connection(socket));
    this.#listener = listener;
    return new Promise((resolve, reject) => {
      listener.once('error', (error) => {
        this.#listener = null;
        reject(error);
      });
      listener.listen(this.#port, '127.0.0.1', () => {
        const address = listener.address();
        if (address !== null && typeof address === 'object') this.#port = address.port;
        resolve();
      });
    });
  }

  #unlisten(): Promise<void> {
    const listener = this.#listener;
    this.#listener = null;
    return listener === null ? Promise.resolve() : new Promise((resolve) => listener.close(() => resolve()));
  }

  #hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  #connection(socket: Socket): void {
    socket.setNoDelay(true);
    socket.on('error', noop);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    this.#ssh ??= new ssh2.Server({ hostKeys: [this.#keys.hostKeyPem], ident }, (client) => this.#client(client));
    this.#ssh.injectSocket(socket);
  }

  #client(client: ssh2.Connection): void {
    client.on('error', noop);
    client.on('authentication', (attempt) => this.#authenticate(attempt));
    client.on('session', (accept) => {
      const session = accept();
      session.on('pty', (acceptPty) => acceptPty?.());
      session.on('window-change', (acceptChange) => acceptChange?.());
      session.on('exec', (acceptExec, _, info) => this.#serve(acceptExec(), (channel) => serveExec(this.machine, info.command, channel)));
      session.on('shell', (acceptShell) => this.#serve(acceptShell(), (channel) => serveLogin(this.machine, channel)));
    });
    client.on('tcpip', (accept, reject, info) => {
      const end = this.#forwarding.port(this.machine, info.destIP, info.destPort);
      this.#forward(end, accept, reject);
    });
    client.on('openssh.streamlocal', (accept, reject, info) => {
      this.#forward(this.#forwarding.socket(this.machine, info.socketPath), accept, reject);
    });
  }

  /** A machine that gives no shell takes the request and is silent. */
  #serve(channel: ssh2.ServerChannel, program: (channel: ssh2.ServerChannel) => void): void {
    channel.on('error', noop);
    if (this.machine.givesShell) program(channel);
  }

  #forward(end: ((stream: ssh2.ServerChannel) => void) | null, accept: () => ssh2.ServerChannel, reject: () => void): void {
    if (end === null) {
      reject();
      return;
    }
    const stream = accept();
    stream.on('error', noop);
    end(stream);
  }

  #authenticate(attempt: ssh2.AuthContext): void {
    const { allowed } = this.#keys;
    if (attempt.method !== 'publickey' || attempt.key.algo !== allowed.type || !attempt.key.data.equals(allowed.getPublicSSH())) {
      attempt.reject(['publickey']);
      return;
    }
    const { blob, signature } = attempt;
    const asksOnly = blob === undefined || signature === undefined;
    if (asksOnly || allowed.verify(blob, signature, attempt.hashAlgo) === true) attempt.accept();
    else attempt.reject(['publickey']);
  }
}
