import type ssh2 from 'ssh2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Demo, startDemo } from '../../src/demo/start-demo.ts';
import { parseHaproxy } from '../../src/probe/pools/haproxy-answer.ts';
import { haproxyAsk, readHaproxy } from '../../src/probe/pools/haproxy-script.ts';
import { countConnections, readCount } from '../../src/probe/pools/member-sockets.ts';
import { HandClock, login, run } from './demo-client.ts';

const socket = '/run/haproxy/admin.sock';

describe('the demo’s load balancer, asked and changed by the console’s own scripts', () => {
  let clock: HandClock;
  let demo: Demo;
  let clients: Map<string, ssh2.Client>;

  beforeEach(async () => {
    clock = new HandClock();
    demo = await startDemo({ clock });
    clients = new Map();
    for (const name of ['lb1', 'web1', 'web2']) clients.set(name, await login(demo, name));
  });

  afterEach(async () => {
    for (const client of clients.values()) client.end();
    await demo.stop();
  });

  const on = async (name: string, text: string | null) => {
    const client = clients.get(name);
    if (client === undefined || text === null) throw new Error(`nothing to run on ${name}`);
    return run(client, text);
  };
  const servers = async () => {
    const { out } = await on('lb1', readHaproxy(socket, 'web'));
    const answer = parseHaproxy(out, 'web');
    if (!answer.ok) throw new Error(answer.why);
    return new Map(answer.servers.map((server) => [server.name, server]));
  };
  const tell = (line: string) => on('lb1', `${haproxyAsk(socket, line) ?? ''}\ntell '${line}'`);
  const socketsOf = async (name: string) => readCount((await on(name, countConnections([80, 443]))).out);

  test('is read with both servers up and in traffic, and with no file that a reload would read', async () => {
    const { out } = await on('lb1', readHaproxy(socket, 'web'));
    const answer = parseHaproxy(out, 'web');
    expect(answer).toMatchObject({ ok: true, stateFile: { kind: 'none' } });
    const found = await servers();
    for (const name of ['web1', 'web2']) {
      expect(found.get(name)).toMatchObject({ status: 'UP', check: 'L7OK', weight: 1, admin: 0 });
      expect(found.get(name)?.connections).toBeGreaterThan(5);
    }
  });

  test('a drain lets sessions end while the other server takes over, and the web’s own sockets say the same', async () => {
    const before = await servers();
    expect((await tell('set server web/web1 state drain')).code).toBe(0);
    await clock.pass(2000);
    const meanwhile = await servers();
    expect(meanwhile.get('web1')?.status).toBe('DRAIN');
    expect(meanwhile.get('web1')?.connections ?? 0).toBeLessThan(before.get('web1')?.connections ?? 0);
    expect(meanwhile.get('web1')?.connections ?? 0).toBeGreaterThan(0);
    await clock.pass(8000);
    const after = await servers();
    expect(after.get('web1')?.connections).toBe(0);
    expect(after.get('web2')?.connections ?? 0).toBeGreaterThan(before.get('web2')?.connections ?? 0);
    expect(await socketsOf('web1')).toBe(0);
    expect(await socketsOf('web2')).toBeGreaterThan(0);
  });

  test('ready passes through UP 1/2 before traffic comes back', async () => {
    await tell('set server web/web1 state maint');
    await clock.pass(10_000);
    await tell('set server web/web1 state ready');
    expect((await servers()).get('web1')?.status).toBe('UP 1/2');
    await clock.pass(6000);
    const web1 = (await servers()).get('web1');
    expect(web1?.status).toBe('UP');
    expect(web1?.connections).toBeGreaterThan(5);
  });

  test('requests are counted only where they go', async () => {
    const total = async (name: string) => {
      const { out } = await on(
        'lb1',
        `${haproxyAsk(socket, 'read') ?? ''}\nprintf '#quarterdeck stat\\n'\nask 'show stat web 4 -1' || exit 1`,
      );
      const [head = '', ...rows] = out.split('\n').filter((line) => line.includes(','));
      const row = rows.find((each) => each.split(',')[1] === name)?.split(',') ?? [];
      return Number(row[head.split(',').indexOf('stot')]);
    };
    await tell('set server web/web1 state drain');
    const [drained, kept] = [await total('web1'), await total('web2')];
    await clock.pass(5000);
    expect(await total('web1')).toBe(drained);
    expect(await total('web2')).toBeGreaterThan(kept + 20);
  });

  test('a server that is not there, and a socket that is not there, are said', async () => {
    const wrong = await tell('set server web/web9 state drain');
    expect([wrong.code, wrong.err]).toEqual([1, 'HAProxy answered set server web/web9 state drain: No such server.\n']);
    const nowhere = await on('web1', readHaproxy(socket, 'web'));
    expect([nowhere.code, nowhere.err]).toEqual([1, `there is no socket ${socket}\n`]);
  });

  test('a reload forgets a drain, by hand and in the scenario', async () => {
    await tell('set server web/web1 state drain');
    await on('lb1', 'sudo -n systemctl reload haproxy');
    expect((await servers()).get('web1')?.status).toBe('UP');
    demo.setScenario('lb-reload');
    await tell('set server web/web2 state drain');
    await clock.pass(10_000);
    expect((await servers()).get('web2')?.status).toBe('DRAIN');
    await clock.pass(4000);
    expect((await servers()).get('web2')?.status).toBe('UP');
    demo.setScenario(null);
    await tell('set server web/web2 state drain');
    await clock.pass(20_000);
    expect((await servers()).get('web2')?.status).toBe('DRAIN');
  });
});
