import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type ssh2 from 'ssh2';
import { unwrap } from '../../src/demo/programs/unwrap.ts';
import { type Demo, startDemo } from '../../src/demo/start-demo.ts';
import { Collector, inode, login, run, unit } from './demo-client.ts';

describe('a command on a simulated machine', () => {
  let demo: Demo;
  let client: ssh2.Client;
  beforeAll(async () => {
    demo = await startDemo();
    client = await login(demo, 'web1');
  });
  afterAll(() => demo.stop());

  it('that the machine does not have is not found, with 127', async () => {
    for (const command of ['rm -rf /', 'docker restart x', 'curl http://example.org', '$(reboot)', 'node -e 1']) {
      const ran = await run(client, command);
      expect(ran.code, command).toBe(127);
      expect(ran.err).toMatch(/^sh: 1: \S+: not found\n$/);
    }
  });

  it('restarts a unit in realistic time, closed meanwhile, then with a new instance, pid and inode', async () => {
    const collector = await Collector.open(client);
    await collector.hello();
    const before = await collector.round('f');
    const started = Date.now();
    const restart = run(client, 'sudo -n systemctl restart nginx.service');
    await new Promise((resolve) => setTimeout(resolve, 120));
    const during = await collector.round('f');
    expect(inode(during, 80)).toBeNull();
    expect(unit(during, 'nginx.service').ActiveState).toMatch(/^(de)?activating$/);
    expect(unit(during, 'nginx.service').Job).toMatch(/^\d+$/);
    expect(await restart).toEqual({ out: '', err: '', code: 0 });
    expect(Date.now() - started).toBeGreaterThan(300);
    const after = await collector.round('f');
    expect(unit(after, 'nginx.service')).toMatchObject({ ActiveState: 'active', SubState: 'running', Job: '' });
    for (const property of ['InvocationID', 'MainPID'])
      expect(unit(after, 'nginx.service')[property]).not.toBe(unit(before, 'nginx.service')[property]);
    expect(inode(after, 80)).not.toBe(inode(before, 80));
  });

  it('stops and starts units, and says what is active', async () => {
    expect((await run(client, 'sudo systemctl stop uwsgi && systemctl is-active uwsgi')).out).toBe('inactive\n');
    expect((await run(client, 'systemctl is-active uwsgi nginx')).code).toBe(0);
    expect((await run(client, 'systemctl is-active uwsgi')).code).toBe(3);
    expect((await run(client, 'service uwsgi start; systemctl is-active uwsgi')).out).toBe('active\n');
    expect(await run(client, 'systemctl restart nosuch')).toEqual({
      out: '',
      err: 'Failed to restart nosuch.service: Unit nosuch.service not found.\n',
      code: 5,
    });
  });

  it('tests the nginx configuration on standard error, as nginx does', async () => {
    const ran = await run(client, 'sudo -n nginx -t');
    expect(ran.code).toBe(0);
    expect(ran.err).toContain('syntax is ok');
  });

  it('reads its logs by lines that stay the same, and follows them until the caller goes', async () => {
    const log = await run(client, 'tail -n 40 /var/log/nginx/access.log');
    expect(log.out.split('\n')).toHaveLength(41);
    const shorter = await run(client, 'tail -n 5 /var/log/nginx/access.log');
    expect(`${log.out}${shorter.out}`).toMatch(/"GET \/load\/\w/);
    expect((await run(client, 'tail -n 3 /etc/shadow')).code).toBe(1);
    expect((await run(client, 'journalctl -u nginx -n 2 -o short-iso --no-pager')).out).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000 web1 systemd\[1\]: .*\n.*Started nginx\.service/,
    );
    const followed = await new Promise<string>((resolve, reject) => {
      client.exec('tail -F -n 0 /var/log/nginx/access.log', (error, channel) => {
        if (error) return reject(error);
        channel.once('data', (chunk: Buffer) => {
          channel.close();
          resolve(chunk.toString());
        });
      });
    });
    expect(followed).toMatch(/HTTP\/1\.1" \d+/);
  });

  it('may be piped, joined and redirected', async () => {
    expect((await run(client, "sudo ss -Hltnp 'sport = :8816' | wc -l")).out).toBe('1\n');
    expect((await run(client, 'false || echo "a  b"; true && echo c >/dev/null; nosuch 2>/dev/null; echo d')).out).toBe('a  b\nd\n');
  });

  it('hears its deadline: 124 when it passed', async () => {
    expect((await run(client, 'timeout -k 2 0.2 sleep 30')).code).toBe(124);
  });
});

describe('unwrapping a call', () => {
  it('finds the program under exec, assignments, env, sudo and timeout', () => {
    expect(unwrap(['exec', 'env', 'A=b', 'sudo', '-n', '-u', 'hkn', '--', 'timeout', '-k', '2', '30', 'nginx', '-t'])).toEqual({
      kind: 'program',
      argv: ['nginx', '-t'],
      deadlineMs: 30_000,
      user: 'hkn',
    });
  });

  it('opens sh -c, a watchdog that runs its first argument, and escapes meant for odd login shells', () => {
    expect(unwrap(['sh', '-c', 'service pencils restart'])).toMatchObject({ kind: 'script', text: 'service pencils restart' });
    expect(unwrap(['exec', 'sh', '-c', '$own sh -c "$1" <&3 &\nwait', 'sh', 'nginx -t', '20'])).toMatchObject({
      text: 'nginx -t',
      deadlineMs: 20_000,
    });
    expect(unwrap(['sh', '-c', 'eval "set --; $(printf %b "$1")"', 'sh', 'echo \\0047a\\0012b\\0047'])).toMatchObject({
      text: "echo 'a\nb'",
    });
  });
});
