import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import ssh2, { type ClientChannel } from 'ssh2';
import { procFiles } from '../../src/probe/wire.ts';
import { ssh2Algorithms } from '../../src/remote/ssh2-algorithms.ts';
import type { LoopbackFleet } from '../loopback.ts';
import { type Client, serve } from './requests.ts';

// The least that polls over ssh2: one connection and one kept `sh` a host, the same algorithms and files, and nothing done with the answer.

const marker = '#bare end\n';
const probe = `f() { head -n 99999 ${procFiles.filter((file) => !file.startsWith('/proc/fs/')).join(' ')} 2>/dev/null; echo '${marker.trim()}'; }\n`;
const handshakesAtOnce = 32;

class BareHost {
  readonly #channel: ClientChannel;
  #tail = '';
  #answered: (() => void) | null = null;

  constructor(channel: ClientChannel) {
    this.#channel = channel;
    channel.on('data', (chunk: Buffer) => this.#take(chunk));
    channel.stderr.resume();
    channel.write(probe);
  }

  poll(): Promise<void> {
    this.#channel.write('f\n');
    return new Promise((resolve) => {
      this.#answered = resolve;
    });
  }

  #take(chunk: Buffer): void {
    this.#tail = (this.#tail + chunk.toString('latin1', Math.max(0, chunk.length - marker.length))).slice(-marker.length);
    if (this.#tail !== marker) return;
    this.#tail = '';
    this.#answered?.();
  }
}

function connect(fleet: LoopbackFleet, address: string, key: Buffer, hostKey: string): Promise<BareHost> {
  const { promise, resolve, reject } = Promise.withResolvers<BareHost>();
  const client = new ssh2.Client();
  client.on('ready', () => {
    client.exec('exec sh', (error, channel) => (error === undefined ? resolve(new BareHost(channel)) : reject(error)));
  });
  client.on('error', reject);
  client.on('connect', () => client.setNoDelay(true));
  client.connect({
    host: address,
    port: fleet.port,
    username: fleet.user,
    privateKey: key,
    authHandler: ['publickey'],
    algorithms: ssh2Algorithms(['ssh-ed25519']),
    hostVerifier: (presented: Buffer) => presented.toString('base64') === hostKey,
  });
  return promise;
}

serve(async (fleet, everyMs) => {
  const key = readFileSync(fleet.identityFile);
  const known = new Map(
    readFileSync(fleet.knownHostsFile, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([name = '', , hostKey = '']) => [name, hostKey]),
  );
  const hosts: BareHost[] = [];

  const contact = async (): Promise<number> => {
    const waiting = fleet.addresses.values();
    const worker = async (): Promise<void> => {
      for (const address of waiting) {
        const host = await connect(fleet, address, key, known.get(`[${address}]:${fleet.port}`) ?? '');
        hosts.push(host);
        await host.poll();
      }
    };
    await Promise.all(Array.from({ length: handshakesAtOnce }, worker));
    return hosts.length;
  };

  const client: Client = {
    contact,
    rounds: async (times) => {
      for (let round = 0; round < times; round += 1) await Promise.all(hosts.map((host) => host.poll()));
      return times * hosts.length;
    },
    spread: async (forMs) => {
      const end = performance.now() + forMs;
      let polls = 0;
      const period = everyMs ?? 1000;
      const loop = async (host: BareHost, phase: number): Promise<void> => {
        await sleep(phase);
        while (performance.now() < end) {
          const began = performance.now();
          await host.poll();
          polls += 1;
          await sleep(Math.max(0, period - (performance.now() - began)));
        }
      };
      await Promise.all(hosts.map((host, index) => loop(host, (period * index) / hosts.length)));
      return polls;
    },
  };
  return client;
});
