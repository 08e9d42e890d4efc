import type { CloudWriter } from '../cloud/calls.ts';
import type { ExecResult } from '../remote/connection.ts';
import type { PlannedCloudCall, PlannedCommand } from './plan.ts';
import type { StepEnd } from './step-runner.ts';

/** Sends a planned call to its cloud and tells its end as a command's: 0 when it is done, 1 with the reason when it certainly is not. */
export async function sendToCloud(cloud: CloudWriter, command: PlannedCommand, planned: PlannedCloudCall): Promise<StepEnd> {
  const startedAt = performance.now();
  const answer = await cloud.write(planned.access, planned.call, { deadlineMs: command.deadlineMs });
  const result = (end: ExecResult['end'], exit: number | null, stderr: string): ExecResult => ({
    exit,
    signal: null,
    stdout: '',
    stderr,
    droppedBytes: 0,
    durationMs: performance.now() - startedAt,
    end,
  });
  if (answer.ok) return { kind: 'ended', result: result('exit', 0, '') };
  const { message, uncertain } = answer.error;
  if (uncertain) return { kind: 'unknown', why: message, result: result('lost', null, message) };
  return { kind: 'ended', result: result('exit', 1, message) };
}
