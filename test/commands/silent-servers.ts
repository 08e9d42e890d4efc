import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Something on a port that is no SSH server. */
export interface SilentServer {
  readonly address: string;
  readonly port: number;
  stop(): void;
}

/** Takes every connection and never says a word, like a hung sshd. */
export async function takesAndSaysNothing(address: string): Promise<SilentServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => sockets.delete(socket));
  });
  server.listen(0, address);
  await once(server, 'listening');
  return {
    address,
    port: portOf(server.address()),
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const listener = `
const server = require('node:net').createServer();
server.listen({ port: 0, host: process.argv[1], backlog: 1 }, () => console.log(server.address().port));
`;

/** Drops every packet that would open a connection, like a firewall: a stopped listener whose queue is full (listen(2), backlog). */
export async function dropsPackets(address: string): Promise<SilentServer> {
  const child: ChildProcess = spawn(process.execPath, ['-e', listener, address], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new Error('no output');
  const [first]: unknown[] = await once(child.stdout, 'data');
  const port = Number(String(first));
  child.kill('SIGSTOP');
  const fillers = Array.from({ length: 4 }, () => connect({ host: address, port }).on('error', () => {}));
  await Promise.all(fillers.slice(0, 2).map((socket) => once(socket, 'connect')));
  return {
    address,
    port,
    stop: () => {
      for (const socket of fillers) socket.destroy();
      child.kill('SIGKILL');
    },
  };
}

function portOf(bound: ReturnType<ReturnType<typeof createServer>['address']>): number {
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return bound.port;
}
