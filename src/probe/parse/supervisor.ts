/** One program as `supervisorctl status` prints it. */
export interface SupervisedProgram {
  /** `program` or `group:program`. */
  readonly name: string;
  /** STOPPED STARTING RUNNING BACKOFF STOPPING EXITED FATAL UNKNOWN, or MISSING for one it does not know. */
  readonly state: string;
  readonly pid: number | null;
  readonly uptimeMs: number | null;
  /** What stands after the state. */
  readonly description: string;
}

export interface SupervisorPart {
  readonly programs: readonly SupervisedProgram[];
  readonly complaints: readonly string[];
}

const program = /^(\S+)\s+(STOPPED|STARTING|RUNNING|BACKOFF|STOPPING|EXITED|FATAL|UNKNOWN)(?:\s+(.*))?$/;
const missing = /^(\S+): ERROR \(no such (?:process|group)\)$/;
const running = /^pid (\d{1,10}), uptime (?:(\d{1,6}) days?, )?(\d{1,3}):(\d{2}):(\d{2})$/;

/** @see supervisorctl, "Process States" in supervisor's manual */
export function parseSupervisor(text: string): SupervisorPart {
  const programs: SupervisedProgram[] = [];
  const complaints: string[] = [];
  for (const line of text.split('\n')) {
    const unknown = missing.exec(line.trim());
    const match = program.exec(line.trim());
    if (unknown !== null) {
      programs.push({ name: unknown[1] ?? '', state: 'MISSING', pid: null, uptimeMs: null, description: 'no such process' });
    } else if (match !== null) {
      const [, name = '', state = '', description = ''] = match;
      const [, pid, days = '0', hours = '', minutes = '', seconds = ''] = running.exec(description) ?? [];
      const uptimeS = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
      programs.push({
        name,
        state,
        pid: pid === undefined ? null : Number(pid),
        uptimeMs: pid === undefined ? null : uptimeS * 1000,
        description,
      });
    } else if (line.trim() !== '') complaints.push(line);
  }
  return { programs, complaints };
}
