import type { ServerChannel } from 'ssh2';
import { runCommand } from '../programs/run-command.ts';
import type { Machine } from '../machine/machine.ts';
import { CollectorSession } from './collector-session.ts';

/** `exec` requests that want a shell to talk to: the console's collector. */
const plainShell = /^\s*(?:exec\s+)?(?:\/bin\/)?sh\s*$/;

/** Answers one exec request on a machine. */
export function serveExec(machine: Machine, command: string, channel: ServerChannel): void {
  channel.on('error', () => {});
  channel.stderr.on('error', () => {});
  if (plainShell.test(command)) serveCollector(machine, channel);
  else serveCommand(machine, command, channel);
}

function serveCollector(machine: Machine, channel: ServerChannel): void {
  let open = true;
  const session = new CollectorSession(machine, (text) => {
    if (open) channel.write(text);
  });
  channel.on('data', (chunk: Buffer) => session.feed(chunk.toString('utf8')));
  channel.on('end', () => {
    if (!open) return;
    open = false;
    channel.exit(0);
    channel.end();
  });
  channel.on('close', () => {
    open = false;
  });
}

function serveCommand(machine: Machine, command: string, channel: ServerChannel): void {
  const gone = new AbortController();
  channel.on('close', () => gone.abort());
  channel.resume();
  const output = {
    out: (text: string): void => {
      if (!gone.signal.aborted) channel.write(text);
    },
    err: (text: string): void => {
      if (!gone.signal.aborted) channel.stderr.write(text);
    },
  };
  void runCommand(machine, command, output, gone.signal).then((status) => {
    if (gone.signal.aborted) return;
    channel.exit(status);
    channel.end();
  });
}

/** A login shell: a prompt, and each line run as a command. Enough to look around; `exit` leaves. */
export function serveLogin(machine: Machine, channel: ServerChannel): void {
  const gone = new AbortController();
  const prompt = `ops@${machine.name}:~$ `;
  let line = '';
  let waiting = Promise.resolve();
  channel.on('error', () => {});
  channel.on('close', () => gone.abort());
  const say = (text: string): void => {
    if (!gone.signal.aborted) channel.write(text.replaceAll('\n', '\r\n'));
  };
  const leave = (): void => {
    channel.exit(0);
    channel.end();
  };
  say(`Linux ${machine.name} 6.1.0-37-cloud-amd64 (simulated by quarterdeck demo)\n${prompt}`);
  channel.on('data', (chunk: Buffer) => {
    for (const key of chunk.toString('utf8')) {
      if (key === '\x04' && line === '') leave();
      else if (key === '\x03') {
        line = '';
        say(`^C\n${prompt}`);
      } else if (key === '\x7f' || key === '\b') {
        if (line !== '') say('\b \b');
        line = line.slice(0, -1);
      } else if (key === '\r' || key === '\n') {
        const command = line;
        line = '';
        say('\n');
        if (/^\s*(?:exit|logout)\b/.test(command)) leave();
        else
          waiting = waiting.then(async () => {
            await runCommand(machine, command, { out: say, err: say }, gone.signal);
            say(prompt);
          });
      } else if (key >= ' ' && line.length < 4096) {
        line += key;
        say(key);
      }
    }
  });
}
