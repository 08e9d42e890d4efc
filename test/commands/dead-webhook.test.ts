import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Demo, startDemo } from '../../src/demo/start-demo.ts';
import { textUnder } from '../../views/json-read.ts';
import { httpServer } from '../notify/servers.ts';
import { writeFleet } from './fleet-text.ts';
import { buildProgram, type Ended, quarterdeck } from './program.ts';

let home = '';
let fleet = '';
let demo: Demo;

beforeAll(async () => {
  buildProgram();
  demo = await startDemo();
  home = mkdtempSync(join(tmpdir(), 'qd-hook-'));
  mkdirSync(join(home, 'state'), { mode: 0o700 });
  writeFileSync(join(home, 'key'), demo.identityPem, { mode: 0o600 });
  writeFileSync(join(home, 'known_hosts'), `${demo.knownHostLines.join('\n')}\n`, { mode: 0o600 });
  const hosts = demo.endpoints.map(({ name, address, port, role }) => ({ name, address, port, role }));
  fleet = writeFleet(home, hosts, {
    ssh: { user: 'ops', identity: join(home, 'key'), agent: false, config: 'none', known_hosts: join(home, 'known_hosts'), sudo: true },
    services: { nginx: { on: 'web', manager: 'systemd', port: 80, hold: '0s' } },
    notify: { webhook: { env: 'HOOK' } },
  });
}, 60_000);

afterAll(async () => {
  await demo?.stop();
  rmSync(home, { recursive: true, force: true });
});

const restart = (hook: string, reason: string): Promise<Ended> =>
  quarterdeck(['--fleet', fleet, 'act', 'restart', 'web1/nginx', '--confirm', 'web1', '--reason', reason], {
    home,
    env: { XDG_STATE_HOME: join(home, 'state'), HOOK: hook },
  });

const waiting = (): string[] => readdirSync(join(home, 'state', 'quarterdeck', 'spool', 'loopback', 'new'));

/** An attempt at a webhook has so long, ms; a command that ends does not wait for it. */
const attemptMs = 10_000;

test('a webhook that takes the connection and is silent holds no command up; what it was not told the next command sends', async () => {
  let postedAt = 0;
  const silent = await httpServer(() => {
    postedAt = performance.now();
  });
  const answering = await httpServer((_, response) => response.end('ok'));
  const first = await restart(silent.url, 'the first');
  const waitedMs = performance.now() - postedAt;
  expect([first.status, silent.posted.length, waiting().length]).toEqual([0, 1, 1]);
  expect(waitedMs).toBeLessThan(attemptMs);
  const second = await restart(answering.url, 'the second');
  expect(second.status).toBe(0);
  const told = answering.posted.map(({ body }) => textUnder(JSON.parse(body), 'text')).join('\n');
  expect(told).toMatch(/END \(ok, .*"the first"[^]*END \(ok, .*"the second"/);
  expect(waiting()).toEqual([]);
}, 90_000);
