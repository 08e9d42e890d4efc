import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from './known-process.ts';
import type { LabRecord } from './lab-record.ts';
import { pollUntil } from './poll-until.ts';

const deadlineMs = 60_000;

/** Resolves when a host has said that it serves; throws with its last words when it went off or a minute passed. */
export async function whenReady(record: LabRecord, name: string): Promise<void> {
  const place = join(record.folder, name);
  const power = record.hosts.find((host) => host.name === name)?.power;
  const off = () => power === undefined || !isRunning(power);
  const ready = () => existsSync(join(place, 'shared', 'ready'));
  const inTime = await pollUntil(() => ready() || off(), deadlineMs);
  if (inTime && ready()) return;
  const said = ['power.log', 'console.log'].map((log) => lastLines(join(place, log))).join('\n');
  throw new Error(`${name} ${off() ? 'went off while starting' : `did not serve within ${deadlineMs / 1000} s`}:\n${said}`);
}

function lastLines(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-20).join('\n') : '';
}
