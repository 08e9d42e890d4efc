import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Console, hostIn, serviceIn } from './console.ts';
import { describeLab } from './describe-lab.ts';
import { type Lab, startLab } from './lab.ts';
import { pollUntil } from './poll-until.ts';

/** How the program ends, by contract. */
const exit = { ok: 0, failed: 1, crit: 2, unknown: 3, unconfirmed: 4, refused: 5 };

const showHknwebPid = 'XDG_RUNTIME_DIR=/run/user/$(id -u) systemctl --user show -P MainPID hknweb';

describeLab('the console on real hosts', null, () => {
  let lab: Lab;
  let qd: Console;
  beforeAll(async () => {
    lab = await startLab({
      hosts: [
        { name: 'web1', role: 'web' },
        { name: 'web2', role: 'web' },
        { name: 'app1', role: 'app' },
      ],
    });
    qd = new Console(lab.fleetFile);
  });
  afterAll(async () => {
    qd?.close();
    await lab?.stop();
  });

  /** Process id of who listens on a port, on the host itself. */
  async function listener(host: string, port: number): Promise<string> {
    return (await lab.must(host, `ss -Hltnp 'sport = :${port}' | grep -o 'pid=[0-9]*' | sort | head -n 1`)).trim();
  }

  async function reachOf(host: string): Promise<string> {
    return hostIn((await qd.status()).status, host).reach;
  }

  it('reads the states of systemd, SysV and user services as they are', async () => {
    const { status } = await qd.status();
    expect(status.hosts.map((host) => [host.name, host.reach])).toEqual([
      ['web1', 'ok'],
      ['web2', 'ok'],
      ['app1', 'ok'],
    ]);
    for (const target of ['web1/nginx', 'web1/pencils', 'web1/pencilsock', 'web1/uwsgi', 'web2/nginx', 'web2/pencils', 'app1/hknweb']) {
      expect({ target, ...serviceIn(status, target) }).toMatchObject({ target, state: 'running', health: 'ok', reasons: [] });
    }
    const nginx = (await lab.must('web1', 'cat /run/nginx.pid')).trim();
    expect(serviceIn(status, 'web1/nginx').pid).toBe(Number(nginx));
    expect(hostIn(status, 'web1').checks.map((check) => [check.name, check.ok])).toContainEqual(['load', true]);
    expect(hostIn(status, 'app1').checks.map((check) => [check.name, check.ok])).toContainEqual(['sock', true]);
  });

  it('calls pencils critical when its process is dead, though systemd still calls it active', async () => {
    await lab.run('web1', 'curl -s http://127.0.0.1:8816/crash');
    expect(await lab.must('web1', 'systemctl is-active pencils')).toBe('active\n');
    const { code, status } = await qd.status();
    expect(code).toBe(exit.crit);
    const pencils = serviceIn(status, 'web1/pencils');
    expect(pencils.health).toBe('crit');
    expect(pencils.reasons.join(' ')).toContain('8816');
    expect(hostIn(status, 'web1').health).toBe('crit');
    expect(hostIn(status, 'web1').checks.map((check) => [check.name, check.ok])).toContainEqual(['load', false]);
    expect(serviceIn(status, 'web2/pencils').health).toBe('ok');
  });

  it('prints the plan and changes nothing without the word, with a wrong one, or read-only', async () => {
    const before = await listener('web2', 8816);
    const plan = await qd.call('act', 'restart', 'web2/pencils');
    expect(plan.code).toBe(exit.unconfirmed);
    expect(plan.stdout).toContain('sudo -n');
    expect((await qd.restart('web2/pencils', 'web1')).code).toBe(exit.unconfirmed);
    expect((await qd.call('--read-only', 'act', 'restart', 'web2/pencils', '--confirm', 'web2')).code).toBe(exit.refused);
    expect(await listener('web2', 8816)).toBe(before);
  });

  it('restarts dead pencils, proves it by a new process on the port and the check, and journals both ends', async () => {
    const restart = await qd.restart('web1/pencils', 'web1');
    expect(restart).toMatchObject({ code: exit.ok });
    expect(await listener('web1', 8816)).toMatch(/^pid=\d+$/);
    expect((await fetch(`http://${lab.host('web1').address}/load/first`)).status).toBe(200);
    const lines = await qd.journal();
    const intent = lines.findLast((line) => line.kind === 'intent');
    expect(intent?.command).toContain('service pencils restart');
    expect(lines.find((line) => line.kind === 'outcome' && line.actionId === intent?.actionId)?.outcome).toBe('ok');
    expect((await qd.call('journal', 'verify')).code).toBe(exit.ok);
  });

  it('restarts a running systemd service into another process', async () => {
    const before = await lab.must('web1', 'cat /run/nginx.pid');
    expect(await qd.restart('web1/nginx', 'web1')).toMatchObject({ code: exit.ok });
    expect(await lab.must('web1', 'cat /run/nginx.pid')).not.toBe(before);
  });

  it("restarts a user's own service without sudo", async () => {
    const before = await lab.ssh('app1', showHknwebPid);
    expect(await qd.restart('app1/hknweb', 'app1')).toMatchObject({ code: exit.ok });
    expect((await lab.ssh('app1', showHknwebPid)).stdout).not.toBe(before.stdout);
  });

  it('fails a restart that "Did not start." although the script exits 0', async () => {
    await lab.must('web1', 'touch /etc/pencils-broken');
    expect(await qd.restart('web1/pencils', 'web1')).toMatchObject({ code: exit.failed });
    expect((await qd.journal()).findLast((line) => line.kind === 'outcome')?.outcome).toBe('failed');
    await lab.must('web1', 'rm /etc/pencils-broken; systemctl restart pencils');
  });

  it('fails a restart that left the old process on the port', async () => {
    const before = await listener('web1', 8811);
    await lab.must('web1', 'rm /run/pencilsock.pid');
    expect(await qd.restart('web1/pencilsock', 'web1')).toMatchObject({ code: exit.failed });
    expect(await listener('web1', 8811)).toBe(before);
  });

  it('refuses to restart nginx when nginx -t does not pass, and leaves it running', async () => {
    const before = await lab.must('web2', 'cat /run/nginx.pid');
    await lab.must('web2', 'echo "listen nowhere;" >/etc/nginx/conf.d/wrong.conf');
    const restart = await qd.restart('web2/nginx', 'web2');
    expect(restart.code).toBe(exit.refused);
    expect(restart.stderr).toContain('nginx -t');
    expect(await lab.must('web2', 'cat /run/nginx.pid')).toBe(before);
    expect((await fetch(`http://${lab.host('web2').address}/log/x`)).status).toBe(204);
    await lab.must('web2', 'rm /etc/nginx/conf.d/wrong.conf');
  });

  it('has the intent on disk before the change, so that a console killed in the middle leaves a trace', async () => {
    const [file, ...rest] = qd.commandLine;
    const child = spawn(file, [...rest, 'act', 'restart', 'web2/pencils', '--confirm', 'web2'], { stdio: 'ignore', detached: true });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const intents = async () =>
      (await qd.journal()).filter(
        (line) => line.kind === 'intent' && line.targets.join().includes('web2') && line.command?.includes('pencils'),
      );
    expect(await pollUntil(async () => (await intents()).length > 0, 30_000)).toBe(true);
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await ended;
    const [intent] = await intents();
    expect((await qd.journal()).filter((line) => line.actionId === intent?.actionId && line.kind === 'outcome')).toEqual([]);
    expect((await qd.call('journal', 'verify')).code).toBe(exit.ok);
  });

  it('tells a frozen host by its silence while the others stay fresh', async () => {
    await lab.freeze('web2');
    const { code, status } = await qd.status();
    await lab.thaw('web2');
    expect([exit.crit, exit.unknown]).toContain(code);
    expect(hostIn(status, 'web2')).toMatchObject({ reach: 'timeout', ageMs: null });
    expect(hostIn(status, 'web2').health).not.toBe('ok');
    for (const name of ['web1', 'app1']) {
      expect(hostIn(status, name).reach).toBe('ok');
      expect(serviceIn(status, name === 'web1' ? 'web1/pencils' : 'app1/hknweb').health).toBe('ok');
    }
  });

  it('refuses a restart on a host it cannot reach', async () => {
    await lab.freeze('web2');
    const restart = await qd.restart('web2/pencils', 'web2');
    await lab.thaw('web2');
    expect(restart.code).toBe(exit.refused);
  });

  it('never folds a dropped packet, a stopped sshd and a host that is off into one', async () => {
    await lab.dropPackets('web2');
    expect(await reachOf('web2')).toBe('timeout');
    await lab.passPackets('web2');
    expect(await reachOf('web2')).toBe('ok');
    await lab.must('web2', 'systemctl stop ssh');
    expect(await reachOf('web2')).toBe('refused');
    await lab.powerOff('web2');
    expect(await reachOf('web2')).toBe('unreachable');
  });

  it('calls nothing ok that a changed host key guards', async () => {
    await lab.must(
      'app1',
      'rm /etc/ssh/ssh_host_ed25519_key* && ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key && systemctl restart ssh',
    );
    const { status } = await qd.status();
    expect(hostIn(status, 'app1').reach).toBe('host-key');
    expect(hostIn(status, 'app1').health).not.toBe('ok');
  });
});
