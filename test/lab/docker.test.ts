import { afterAll, beforeAll, expect, it } from 'vitest';
import { Console, serviceIn } from './console.ts';
import { describeLab } from './describe-lab.ts';
import { type Lab, startLab } from './lab.ts';

// Only when asked for: Docker doubles the root's size and its build time.
const asked = process.env['LAB_EXTRA'] === '1';

describeLab('the console on a host of containers', { asked, how: 'LAB_EXTRA=1' }, () => {
  let lab: Lab;
  let qd: Console;
  beforeAll(async () => {
    lab = await startLab({ hosts: [{ name: 'worker1', role: 'docker' }] });
    qd = new Console(lab.fleetFile);
  });
  afterAll(async () => {
    qd?.close();
    await lab?.stop();
  });

  const startedAt = async (container: string) => lab.must('worker1', `docker inspect --format '{{.State.StartedAt}}' ${container}`);

  it('runs real containers, found by their compose labels', async () => {
    expect(await lab.must('worker1', 'docker ps --format "{{.Names}} {{.Label \\"com.docker.compose.service\\"}}" | sort')).toBe(
      'codalab_rest-server_1 rest-server\ncodalab_worker_1 worker\n',
    );
    expect(await (await fetch(`http://${lab.host('worker1').address}:2900/`)).text()).toBe('hello\n');
  });

  it('reads running containers, and one that died', async () => {
    const { status } = await qd.status();
    expect(serviceIn(status, 'worker1/rest-server')).toMatchObject({ state: 'running', health: 'ok' });
    expect(serviceIn(status, 'worker1/worker')).toMatchObject({ state: 'running', health: 'ok' });
    await lab.must('worker1', 'docker kill codalab_worker_1');
    const after = await qd.status();
    expect(serviceIn(after.status, 'worker1/worker').health).toBe('crit');
    expect(serviceIn(after.status, 'worker1/rest-server').health).toBe('ok');
  });

  it('restarts a container by name and by compose label, each into a new start', async () => {
    for (const [service, container] of [
      ['worker', 'codalab_worker_1'],
      ['rest-server', 'codalab_rest-server_1'],
    ] as const) {
      const before = await startedAt(container);
      expect(await qd.restart(`worker1/${service}`, 'worker1')).toMatchObject({ code: 0 });
      expect(await startedAt(container)).not.toBe(before);
    }
  });

  it('finds every container down after a reboot, as none has a restart policy', async () => {
    await lab.reboot('worker1');
    const { code, status } = await qd.status();
    expect(code).toBe(2);
    expect(serviceIn(status, 'worker1/rest-server').health).toBe('crit');
  });
});
