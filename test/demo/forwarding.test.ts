import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type ssh2 from 'ssh2';
import { type Demo, startDemo } from '../../src/demo/start-demo.ts';
import { forward, get, login, run } from './demo-client.ts';

describe('a stream forwarded through a simulated machine', () => {
  let demo: Demo;
  let web: ssh2.Client;
  let balancer: ssh2.Client;
  beforeAll(async () => {
    demo = await startDemo();
    [web, balancer] = await Promise.all([login(demo, 'web1'), login(demo, 'lb1')]);
  });
  afterAll(() => demo.stop());

  const socket = (client: ssh2.Client, path: string): Promise<Duplex> =>
    new Promise((resolve, reject) => {
      client.openssh_forwardOutStreamLocal(path, (error, channel) => (error ? reject(error) : resolve(channel)));
    });
  const admin = async (command: string): Promise<string> => {
    const stream = await socket(balancer, '/run/haproxy/admin.sock');
    stream.write(`${command}\n`);
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    return text;
  };

  it('reaches nginx and, through it, pencils', async () => {
    expect(await get(web, 80, '/log/x')).toEqual({ status: 204, body: '' });
    const load = await get(web, 80, '/load/first');
    expect(load?.status).toBe(200);
    expect(JSON.parse(load?.body ?? '')).toMatchObject({ directory: '/first/' });
    expect((await get(web, 80, '/builddate.txt'))?.body).toMatch(/^\d{4}-\d\d-\d\d /);
    expect((await get(web, 80, '/status'))?.body).toMatch(/^Active connections: \d+ \n/);
    expect((await get(web, 8816, '/load/first'))?.status).toBe(200);
    expect((await get(web, 80, '/nothing'))?.status).toBe(404);
  });

  it('is refused where nothing listens', async () => {
    await expect(forward(web, 3306)).rejects.toMatchObject({ reason: 2 });
    await run(web, 'sudo systemctl stop pencilsock');
    await expect(forward(web, 8811)).rejects.toThrow();
    await run(web, 'sudo systemctl start pencilsock');
  });

  it('reaches unix sockets while their program lives', async () => {
    (await socket(web, '/run/uwsgi/app/img/socket')).destroy();
    await expect(socket(web, '/run/nothing.sock')).rejects.toThrow();
  });

  it('asks haproxy for its servers and drains one', async () => {
    const stat = await admin('show stat');
    expect(stat).toMatch(/^# pxname,svname,qcur,qmax,scur,/);
    const header = stat.slice(2).split('\n')[0]?.split(',') ?? [];
    const status = (text: string, name: string): string | undefined =>
      text
        .split('\n')
        .find((line) => line.startsWith(`web,${name},`))
        ?.split(',')[header.indexOf('status')];
    expect(status(stat, 'web1')).toBe('UP');
    expect(await admin('set server web/web1 state drain')).toBe('\n');
    expect(status(await admin('show stat'), 'web1')).toBe('DRAIN');
    await admin('set server web/web1 state ready');
    demo.setScenario('pencils-down');
    expect(status(await admin('show stat'), 'web2')).toBe('DOWN');
    demo.setScenario(null);
    expect((await get(balancer, 80, '/load/first'))?.status).toBe(200);
  });
});
