import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { cgroup2Mount } from './cgroup-tree.ts';
import { describeLab } from './describe-lab.ts';
import { type Lab, startLab } from './lab.ts';
import { pollUntil } from './poll-until.ts';

/** ActiveState/SubState of a unit. */
async function stateOf(lab: Lab, host: string, unit: string): Promise<string> {
  const shown = await lab.must(host, `systemctl show -P ActiveState -P SubState ${unit}`);
  return shown.trim().split('\n').join('/');
}

/** How a TCP connection ends: `open`, an error code, or `silent`. */
function knock(address: string, port: number, forMs = 1_000): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: forMs });
    const end = (how: string) => {
      socket.destroy();
      resolve(how);
    };
    socket.once('connect', () => end('open'));
    socket.once('timeout', () => end('silent'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}

describeLab('the lab', null, () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({
      hosts: [
        { name: 'web1', role: 'web' },
        { name: 'web2', role: 'web' },
        { name: 'lb1', role: 'lb' },
        { name: 'files1', role: 'files' },
        { name: 'cache1', role: 'cache' },
        { name: 'app1', role: 'app' },
      ],
    });
  });
  afterAll(() => lab?.stop());

  it('boots each host into a running systemd without a failed unit', async () => {
    for (const { name } of lab.record.hosts) {
      expect((await lab.must(name, 'systemctl is-system-running --wait')).trim()).toBe('running');
    }
  });

  it('lets the login of each role in over ssh, and only operators become root', async () => {
    expect(await lab.ssh('web1', 'hostname; sudo -n id -u')).toMatchObject({ code: 0, stdout: 'web1\n0\n' });
    expect(await lab.ssh('app1', 'hostname; id -un; sudo -n true || echo no')).toMatchObject({ code: 0, stdout: 'app1\nhkn\nno\n' });
  });

  it('keeps the machine out of the hosts: own processes, /tmp and boot id, nothing of the kernel to write', async () => {
    expect(await lab.must('web1', 'cat /proc/1/comm')).toBe('systemd\n');
    expect(await lab.must('web1', `ls -d ${lab.record.folder} 2>/dev/null || echo unseen`)).toBe('unseen\n');
    const own = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
    const [web1, web2] = [
      await lab.must('web1', 'cat /proc/sys/kernel/random/boot_id'),
      await lab.must('web2', 'cat /proc/sys/kernel/random/boot_id'),
    ];
    expect(new Set([own, web1, web2]).size).toBe(3);
    expect((await lab.run('web1', 'echo x >/proc/sys/kernel/hostname')).code).not.toBe(0);
    expect(await lab.must('web1', 'mount -t debugfs,tracefs,configfs')).toBe('');
  });

  it('serves a web host through nginx from pencils, pencilsock and uwsgi', async () => {
    const base = `http://${lab.host('web1').address}`;
    expect((await fetch(`${base}/log/x`)).status).toBe(204);
    expect(await (await fetch(`${base}/load/first`)).text()).toContain('"directory"');
    expect((await fetch(`${base}/socket.io/status`)).status).toBe(200);
    expect(await (await fetch(`${base}/img/x`)).text()).toBe('an image\n');
  });

  it('answers 200 with an error body when the data directory is gone, as Pencil Code does', async () => {
    await lab.must('web2', 'mv /mnt/datadisk/data /mnt/datadisk/gone');
    const answer = await fetch(`http://${lab.host('web2').address}/load/first`);
    expect([answer.status, await answer.text()]).toEqual([200, '{"error":"Could not read file first"}']);
    await lab.must('web2', 'mv /mnt/datadisk/gone /mnt/datadisk/data');
  });

  it('balances over its webs and takes orders on the admin socket', async () => {
    const balanced = `http://${lab.host('lb1').address}/load/first`;
    // Its webs may have come up after its own first checks, which take two good answers to forget that.
    expect(await pollUntil(async () => (await fetch(balanced)).status === 200, 20_000)).toBe(true);
    const stat = () =>
      lab.must(
        'lb1',
        `python3 -c "
import socket
s = socket.socket(socket.AF_UNIX); s.connect('/run/haproxy/admin.sock'); s.send(b'show servers state web\\n')
print(s.makefile().read())"`,
      );
    const servers = (await stat()).split('\n').flatMap((line) => line.match(/ (web\d) /)?.[1] ?? []);
    expect(servers).toEqual(['web1', 'web2']);
  });

  it("runs rsync, memcached and a user's own service on the other roles", async () => {
    expect(await knock(lab.host('files1').address, 873)).toBe('open');
    expect(
      await lab.must(
        'cache1',
        "echo stats | timeout 5 python3 -c \"import socket; s=socket.create_connection(('127.0.0.1', 11211)); s.send(b'version\\r\\n'); print(s.recv(99))\"",
      ),
    ).toContain('VERSION');
    const user = await lab.ssh('app1', 'XDG_RUNTIME_DIR=/run/user/$(id -u) systemctl --user show -P ActiveState -P SubState hknweb');
    expect(user).toMatchObject({ code: 0, stdout: 'active\nrunning\n' });
    const site = (host: string) =>
      lab.ssh('app1', `curl -s --unix-socket /srv/apps/hkn/dev.sock -H 'Host: ${host}' -w ' %{http_code}' http://x/`);
    expect((await site('hkn.eecs.berkeley.edu')).stdout).toBe('hknweb 20261120081500\n 200');
    expect((await site('x')).stdout).toBe('Bad Request (400)\n 400');
  });

  it('still calls pencils active (exited) after its process died, as RemainAfterExit of a script without pidfile has it', async () => {
    expect(await stateOf(lab, 'web1', 'pencils')).toBe('active/running');
    await lab.run('web1', 'curl -s http://127.0.0.1:8816/crash');
    expect(await pollUntil(async () => (await stateOf(lab, 'web1', 'pencils')) === 'active/exited', 5_000)).toBe(true);
    expect((await fetch(`http://${lab.host('web1').address}/load/first`)).status).toBe(502);
    expect(await lab.must('web1', 'systemctl show -P RemainAfterExit pencils')).toBe('yes\n');
    await lab.must('web1', 'systemctl restart pencils');
    expect((await fetch(`http://${lab.host('web1').address}/load/first`)).status).toBe(200);
  });

  it('exits 0 from a restart that says "Did not start."', async () => {
    await lab.must('web2', 'touch /etc/pencils-broken');
    const restart = await lab.ssh('web2', 'sudo service pencils restart');
    expect(restart.code).toBe(0);
    expect(await knock(lab.host('web2').address, 8816)).toBe('ECONNREFUSED');
    expect(await lab.must('web2', 'journalctl --no-pager -u pencils')).toContain('Did not start.');
    expect(await stateOf(lab, 'web2', 'pencils')).toBe('active/exited');
    await lab.must('web2', 'rm /etc/pencils-broken; systemctl restart pencils');
    expect(await knock(lab.host('web2').address, 8816)).toBe('open');
  });

  it('leaves an orphan on the port when the pidfile is gone', async () => {
    const listener = () => lab.must('web2', "ss -Hltnp 'sport = :8811' | grep -o 'pid=[0-9]*'");
    const before = await listener();
    await lab.must('web2', 'rm /run/pencilsock.pid; systemctl restart pencilsock');
    expect(await listener()).toBe(before);
  });

  it('freezes a host, which then accepts connections and says nothing, and thaws it', async () => {
    await lab.freeze('web2');
    expect(await knock(lab.host('web2').address, 22)).toBe('open');
    expect((await lab.ssh('web2', 'true', 1_500)).code).toBeNull();
    await lab.thaw('web2');
    expect((await lab.ssh('web2', 'true')).code).toBe(0);
  });

  it('tells a dropped packet, a stopped server and a host that is off apart', async () => {
    const { address } = lab.host('files1');
    await lab.dropPackets('files1');
    expect(await knock(address, 22)).toBe('silent');
    await lab.passPackets('files1');
    expect(await knock(address, 22)).toBe('open');
    await lab.must('files1', 'systemctl stop ssh');
    expect(await knock(address, 22)).toBe('ECONNREFUSED');
    await lab.powerOff('files1');
    // The kernel asks for the address three times, a second apart (arp(7)).
    expect(await knock(address, 22, 10_000)).toBe('EHOSTUNREACH');
  });

  it('reboots a host into another boot id with its disk kept', async () => {
    const bootId = () => lab.must('app1', 'cat /proc/sys/kernel/random/boot_id');
    const before = await bootId();
    await lab.must('app1', 'echo kept >/var/kept');
    await lab.reboot('app1');
    expect(await bootId()).not.toBe(before);
    expect(await lab.must('app1', 'cat /var/kept')).toBe('kept\n');
    expect((await lab.ssh('app1', 'true')).code).toBe(0);
  });

  it('writes a fleet file with every host at its address', () => {
    const file: { inventory: [{ static: { name: string; address: string }[] }] } = parse(readFileSync(lab.fleetFile, 'utf8'));
    expect(file.inventory[0].static.map((host) => [host.name, host.address])).toEqual(
      lab.record.hosts.map((host) => [host.name, host.address]),
    );
  });
});

describeLab('a lab that ends', null, () => {
  it('leaves no process, mount, cgroup, interface or file behind, even with a frozen host', async () => {
    const lab = await startLab({
      hosts: [
        { name: 'cache1', role: 'cache' },
        { name: 'files1', role: 'files' },
      ],
    });
    const namespaces = lab.record.hosts.map((host) => readlinkSync(`/proc/${host.power.pid}/ns/net`));
    expect(processesIn(namespaces).length).toBeGreaterThan(10);
    await lab.freeze('files1');
    await lab.stop();
    expect(processesIn([...namespaces])).toEqual([]);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(lab.record.folder);
    expect(existsSync(lab.record.cgroup)).toBe(false);
    expect(existsSync(`/sys/class/net/${lab.record.network.uplink}`)).toBe(false);
    expect(existsSync(lab.record.folder)).toBe(false);
  });

  it('runs no longer than the process that started it, and the next lab clears what that one could not', async () => {
    const { execFileSync } = await import('node:child_process');
    const code = `
      const { startLab } = await import(${JSON.stringify(new URL('./lab.ts', import.meta.url).href)});
      const lab = await startLab({ hosts: [{ name: 'cache1', role: 'cache' }] });
      process.stdout.write(JSON.stringify(lab.record), () => process.kill(process.pid, 'SIGKILL'));`;
    let printed = '';
    try {
      execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    } catch (killed) {
      printed = String((killed as { stdout: unknown }).stdout);
    }
    const record: Lab['record'] = JSON.parse(printed);
    expect(await pollUntil(() => !existsSync(`/proc/${record.network.holder.pid}`), 5_000)).toBe(true);
    expect(await pollUntil(() => !existsSync(`/sys/class/net/${record.network.uplink}`), 10_000)).toBe(true);
    const next = await startLab({ hosts: [{ name: 'cache1', role: 'cache' }] });
    await next.stop();
    expect(existsSync(record.folder)).toBe(false);
    expect(existsSync(record.cgroup)).toBe(false);
    expect(readdirSync(cgroup2Mount() ?? '').filter((name) => name.startsWith(`quarterdeck-lab-${process.pid}-`))).toEqual([]);
  });
});

/** Ids of the processes whose network namespace is one of these. */
function processesIn(namespaces: readonly string[]): string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return namespaces.includes(readlinkSync(`/proc/${name}/ns/net`));
    } catch {
      return false;
    }
  });
}
