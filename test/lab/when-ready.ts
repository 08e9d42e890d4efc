import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from './known-process.ts';
import type { LabRecord } from './lab-record.ts';
import { pollUntil } from './poll-until.ts';
import { consoleLog, saidReady } from './vm.ts';

/** A virtual machine's processor is translated, and boots take as long as the machine is busy. */
const deadlineMs = { namespaces: 60_000, vm: 240_000 } as const;

/** Resolves when a host has said that it serves; throws with its last words when it went off or its deadline passed. */
export async function whenReady(record: LabRecord, name: string): Promise<void> {
  const place = join(record.folder, name);
  const host = record.hosts.find((candidate) => candidate.name === name);
  const off = () => host === undefined || !isRunning(host.power);
  const ready = () => (host?.vm === true ? saidReady(consoleLog(place)) : existsSync(join(place, 'shared', 'ready')));
  const forMs = deadlineMs[host?.vm === true ? 'vm' : 'namespaces'];
  const inTime = await pollUntil(() => ready() || off(), forMs);
  if (inTime && ready()) return;
  const said = ['power.log', 'console.log'].map((log) => lastLines(join(place, log))).join('\n');
  throw new Error(`${name} ${off() ? 'went off while starting' : `did not serve within ${forMs / 1000} s`}:\n${said}`);
}

function lastLines(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-20).join('\n') : '';
}
