import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSshd } from '../sshd/sshd.ts';

/** What a hostile host would like a terminal to do: titles, clipboards, replies, other screens, hidden and reordered text. */
export const evil = [
  '\u001b]0;PWNED-TITLE\u0007',
  '\u001b]2;PWNED-TITLE\u001b\\',
  '\u001bkPWNED-WINDOW\u001b\\',
  '\u001b]52;c;UFdORUQ=\u0007',
  '\u001b]8;;\u001b]52;c;UFdORUQ=\u0007link',
  '\u009d52;c;UFdORUQ=\u009c',
  '\u009b2J',
  '\u001b[2J\u001b[H\u001b[?1049l',
  '\u001b[6n\u001b[c\u001b[?2026$p',
  '\u001bP$q"p\u001b\\',
  '\u001b_Gi=1,a=q;AAAA\u001b\\',
  '\u001b[8mhidden\u001b[0m',
  '\u202egnp.exe\u2066\u200b\u{e0041}',
  '\b\b\b\rroot@prod',
].join('');

export interface HostileHost {
  readonly fleetFile: string;
  stop(): Promise<void>;
}

/**
 * A real sshd whose every tool, banner and web server answers with hostile text, and the fleet file that asks it: mount names, service
 * states, a check's output, an HTTP body, the output of a precheck.
 */
export async function startHostileHost(): Promise<HostileHost> {
  const web = createServer((_, response) => {
    response.setHeader('x-evil', 'yes').end(`v1 ${evil}\n`);
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const address = web.address();
  const webPort = address !== null && typeof address === 'object' ? address.port : 0;

  const home = mkdtempSync(join(tmpdir(), 'qd-hostile-'));
  const tools = join(home, 'tools');
  mkdirSync(tools);
  const say = (name: string, text: string, status = 0): string => {
    const words = join(tools, `${name}.txt`);
    writeFileSync(words, text);
    const twice = status === 0 ? '' : `cat ${words} >&2\n`;
    writeFileSync(join(tools, name), `#!/bin/sh\ncat ${words}\n${twice}exit ${status}\n`, { mode: 0o755 });
    return join(tools, name);
  };
  say('uname', `Linux ${evil} 6.1 x86_64\n`);
  say('df', `Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/${evil} 1000000 990000 10000 99% /data/${evil}\n`);
  say('supervisorctl', `worker                           FATAL     ${evil}\n`);
  const precheck = say('precheck', `nginx: ${evil}\n`, 1);
  const check = say('check', `${evil}\nsecond line ${evil}\n`, 1);
  writeFileSync(join(home, 'banner'), `WELCOME ${evil}\n`);
  const sshd = await startSshd({ config: { Banner: join(home, 'banner'), SetEnv: `HOME=${home} PATH=${tools}:/usr/bin:/bin` } });

  const fleetFile = join(home, 'fleet.yaml');
  writeFileSync(
    fleetFile,
    `fleet: hostile
environments: { lab: { match: { name: "." }, danger: false } }
inventory:
  - static:
      - { name: web1, address: 127.0.0.1, port: ${sshd.port}, user: ${sshd.user}, role: web, env: lab }
ssh: { identity: [${sshd.identityFile}], agent: false, config: none, known_hosts: [${sshd.writeKnownHosts()}], host_keys: strict }
poll: { every: 1s, deadline: 5s, stale: 10s }
services:
  worker: { on: web, manager: supervisor, precheck: ${JSON.stringify(precheck)}, key: w }
checks:
  body: { on: web, http: "http://127.0.0.1:${webPort}/", body: not there, every: 1s }
  said: { on: web, command: ${JSON.stringify(check)}, every: 1s }
  release: { on: web, http: "http://127.0.0.1:${webPort}/", kind: version }
`,
  );
  return {
    fleetFile,
    stop: async () => {
      web.closeAllConnections();
      web.close();
      await sshd.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
