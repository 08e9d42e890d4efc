import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from '../../src/demo/start-demo.ts';
import { makeKeyPair } from '../../src/demo/ssh/key-pair.ts';
import { login, run } from './demo-client.ts';

describe('the SSH servers of the demo', () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await startDemo();
  });
  afterAll(() => demo.stop());

  it('stand for web1, web2, nfs1 and lb1 on loopback, each with its known_hosts line', () => {
    expect(demo.endpoints.map(({ name, role, address }) => `${name} ${role} ${address}`)).toEqual([
      'web1 web 127.0.0.1',
      'web2 web 127.0.0.1',
      'nfs1 nfs 127.0.0.1',
      'lb1 lb 127.0.0.1',
    ]);
    demo.endpoints.forEach(({ port }, index) =>
      expect(demo.knownHostLines[index]).toMatch(new RegExp(`^\\[127\\.0\\.0\\.1\\]:${port} ssh-ed25519 [A-Za-z0-9+/=]+$`)),
    );
  });

  it('let the demo identity in', async () => {
    const client = await login(demo, 'nfs1');
    expect(await run(client, 'hostname')).toEqual({ out: 'nfs1\n', err: '', code: 0 });
    client.end();
  });

  it('show the host key that the known_hosts line holds', async () => {
    const endpoint = demo.endpoints[1];
    const seen = await new Promise<string>((resolve) => {
      const client = new ssh2.Client();
      client.on('error', () => {});
      client.connect({
        host: '127.0.0.1',
        port: endpoint?.port ?? 0,
        username: 'ops',
        hostVerifier: (key: Buffer) => {
          resolve(key.toString('base64'));
          return false;
        },
      });
    });
    expect(demo.knownHostLines[1]?.split(' ')[2]).toBe(seen);
  });

  it('refuse another key and any password', async () => {
    const stranger = makeKeyPair().private;
    await expect(login(demo, 'web1', stranger)).rejects.toThrow(/authentication/i);
    const client = new ssh2.Client();
    const refused = new Promise<Error>((resolve) => client.on('error', resolve));
    client.connect({ host: '127.0.0.1', port: demo.endpoints[0]?.port ?? 0, username: 'root', password: 'root' });
    expect((await refused).message).toMatch(/authentication/i);
  });

  it('name the known scenarios when asked for another, and say how many hosts are possible', async () => {
    expect(() => demo.setScenario('meteor')).toThrow(/There is no scenario "meteor"; known are pencils-down, nfs-hang/);
    await expect(startDemo({ hosts: 2 })).rejects.toThrow('The demo fleet has from 3 to 5000 hosts, not 2.');
  });
});

it('nothing in the demo can run a program, touch a file or reach beyond loopback', () => {
  const room = join(import.meta.dirname, '../../src/demo');
  const files = readdirSync(room, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(30);
  for (const name of files) {
    const source = readFileSync(join(room, name), 'utf8');
    expect(source, name).not.toMatch(/child_process|node:fs|node:worker_threads|node:vm|process\.binding|\beval\(|new Function/);
    expect(source, name).not.toMatch(/node:(?:https|dgram|tls|dns)|\.listen\((?![^)]*'127\.0\.0\.1')/);
  }
});
