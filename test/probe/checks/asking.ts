import type { CheckSpec } from '../../../src/fleet/definition.ts';
import type { CheckSample } from '../../../src/fleet/sample.ts';
import { type CheckMemory, newCheckMemory } from '../../../src/probe/checks/check-memory.ts';
import { runCheck } from '../../../src/probe/checks/run.ts';
import type { HostConnection } from '../../../src/remote/connection.ts';

export type MysqlSpec = Extract<CheckSpec, { kind: 'mysql' }>;

/** A mysql check as the fleet file gives it when it says nothing. */
export function mysqlSpec(given: Partial<MysqlSpec>): MysqlSpec {
  return {
    name: 'db',
    on: ['db'],
    from: 'host',
    everyMs: 30_000,
    timeoutMs: 5_000,
    kind: 'mysql',
    socket: null,
    host: null,
    port: null,
    user: null,
    password: null,
    defaultsFile: null,
    replication: false,
    lagWarnMs: 30_000,
    lagCritMs: null,
    ...given,
  };
}

/** Asks once, as the poller does. */
export function ask(spec: CheckSpec, host: HostConnection | null, memory: CheckMemory = newCheckMemory()): Promise<CheckSample> {
  return runCheck(spec, host, () => Date.parse('2026-11-22T00:00:00Z'), new AbortController().signal, memory);
}
