import { execFile } from 'node:child_process';
import pLimit from 'p-limit';
import { ReachError } from './reach-error.ts';
import { sanitizeLine } from './sanitize.ts';
import { type HostOptions, hostOptions } from './ssh-config.ts';

/** `Match exec` runs a command of the user's for each question; four at a time keep a large fleet from forking all at once. */
const atOnce = pLimit(4);

/** Keywords of `ssh -G` that print a list on one line. */
const listKeywords = new Set(['userknownhostsfile']);

/**
 * OpenSSH's own reading of ssh_config for one host (`ssh -G`), for what we cannot judge ourselves.
 * @throws ReachError when ssh is not installed, refuses the file, or takes longer than `deadlineMs`.
 */
export function askOpenssh(
  config: string,
  host: string,
  user: string | null,
  criterion: string,
  options: { readonly deadlineMs: number; readonly ssh: string },
): Promise<HostOptions> {
  return atOnce(async () => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const args = ['-G', '-F', config, ...(user === null ? [] : ['-l', user]), '--', host];
    execFile(options.ssh, args, { timeout: options.deadlineMs, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(queryError(config, criterion, error, stderr));
    });
    return parseAnswer(await promise);
  });
}

function parseAnswer(text: string): HostOptions {
  const values = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    if (space === -1) continue;
    const keyword = line.slice(0, space);
    const value = line.slice(space + 1);
    const words = listKeywords.has(keyword) ? value.split(' ') : [value];
    values.set(keyword, [...(values.get(keyword) ?? []), ...words]);
  }
  return hostOptions(values);
}

function queryError(config: string, criterion: string, error: Error & { code?: unknown; killed?: boolean }, stderr: string): ReachError {
  const file = sanitizeLine(config);
  if (error.code === 'ENOENT') {
    return new ReachError(
      'unreachable',
      `${file} uses “Match ${sanitizeLine(criterion)}”, which only OpenSSH's own ssh can judge, and ssh is not installed here.`,
      'Install the OpenSSH client, or name a simpler file under ssh.config in the fleet file.',
    );
  }
  const why = error.killed === true ? 'ssh -G did not answer in time' : `ssh -G said: ${sanitizeLine(stderr || error.message)}`;
  return new ReachError('unreachable', `${file} could not be evaluated: ${why}.`, `Try it yourself: ssh -G -F ${file} HOST.`);
}
