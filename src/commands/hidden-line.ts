import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** A line that is typed at the terminal and not shown there. Ctrl-C is the process's own, as at any other prompt. */
export async function hiddenLine(prompt: string, signal?: AbortSignal): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  process.stderr.write(prompt);
  try {
    return (await lines.question('', signal === undefined ? {} : { signal })).trim();
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
