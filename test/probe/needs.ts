import { spawnSync } from 'node:child_process';

/** Whether this machine lacks a tool, so that a test is skipped by name; under CI that is a failure, never a silent hole. */
export function lacks(tool: string, ...args: readonly string[]): boolean {
  const found = spawnSync(tool, args.length > 0 ? args : ['-c', ':'], { stdio: 'ignore' }).error === undefined;
  if (!found && process.env['CI'] === 'true') throw new Error(`These tests need ${tool}, which is not installed.`);
  return !found;
}
