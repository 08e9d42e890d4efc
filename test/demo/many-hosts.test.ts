import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startDemo } from '../../src/demo/start-demo.ts';
import { Collector, login } from './demo-client.ts';

it('two hundred machines have names by role, ports of their own and answer', async () => {
  const demo = await startDemo({ hosts: 200 });
  const count = (role: string): number => demo.endpoints.filter((endpoint) => endpoint.role === role).length;
  expect([count('lb'), count('nfs'), count('web')]).toEqual([1, 4, 195]);
  expect(new Set(demo.endpoints.map(({ port }) => port)).size).toBe(200);
  const collector = await Collector.open(await login(demo, 'web195'));
  await collector.hello();
  expect((await collector.round()).parts.size).toBe(6);
  await demo.stop();
});

it('a process that started and stopped two hundred machines in mid-scenario has nothing left and ends by itself', async () => {
  const module = join(import.meta.dirname, '../../src/demo/start-demo.ts');
  const program = `
    const { startDemo } = await import(${JSON.stringify(module)});
    const demo = await startDemo({ hosts: 200, scenario: 'web-flap' });
    demo.setScenario('nfs-hang');
    demo.setScenario('wont-start');
    await demo.stop();
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit', timeout: 15_000 });
  expect(await new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)))).toBe(0);
});
