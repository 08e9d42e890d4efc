import { spawn } from 'node:child_process';

/** How a command ended; `code` is `null` when its deadline passed and it was killed, or when another signal ended it. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program with its whole process group bound to a deadline, ms. Rejects only when it cannot be started. */
export function runCommand(program: string, args: readonly string[], deadlineMs: number, env = process.env): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const deadline = setTimeout(() => killGroup(child.pid), deadlineMs);
    child.once('error', (error) => {
      clearTimeout(deadline);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(deadline);
      resolve({ code, stdout, stderr });
    });
  });
}

/** The same, but anything other than exit 0 is an error that says what was said. */
export async function mustRun(program: string, args: readonly string[], deadlineMs = 20_000): Promise<string> {
  const ran = await runCommand(program, args, deadlineMs);
  if (ran.code !== 0) throw new Error(`${[program, ...args].join(' ')}: exit ${ran.code ?? 'by signal'}: ${ran.stderr.trim()}`);
  return ran.stdout;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended in the meantime.
  }
}
