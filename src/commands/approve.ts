import { fitsItsHash, leftS, namedOf, type PendingApproval } from '../actions/approval-request.ts';
import type { Survey } from '../actions/approvals.ts';
import { formatDuration } from '../fleet/duration.ts';
import { withExecutor } from './act.ts';
import type { GlobalOptions } from './global-options.ts';
import { operator } from './operator.ts';
import { refused } from './refused.ts';
import { exitCode, UsageError } from './usage-error.ts';

/** Lists what waits for a second person; exit 3 when a host could not be asked, because something may wait there. */
export function approvals(options: GlobalOptions, json: boolean): Promise<number> {
  return withExecutor(
    options,
    { dryRun: false },
    () => true,
    async ({ fleet, live }, executor) => {
      const survey = await executor.approvals.survey();
      if (json) process.stdout.write(`${JSON.stringify(surveyJson(fleet.name, survey, live.clock.wallMs()), null, 2)}\n`);
      else process.stdout.write(survey.requests.length === 0 ? 'nothing waits for approval\n' : survey.requests.map(requestText).join(''));
      if (survey.silent.length === 0) return exitCode.ok;
      process.stderr.write(`could not be asked, so something may wait there: ${survey.silent.join(' ')}\n`);
      return exitCode.unknown;
    },
  );
}

/** Approves or declines one request by the first digits of its hash. Exit 0 left, 5 refused or nothing of that hash waits. */
export function approve(
  options: GlobalOptions,
  hash: string,
  { decline, reason }: { readonly decline: boolean; readonly reason: string | null },
): Promise<number> {
  if (!/^[0-9a-f]{8,64}$/.test(hash)) throw new UsageError('approve takes at least 8 hexadecimal digits of the plan’s hash');
  if (decline && (reason === null || reason.trim() === '')) throw new UsageError('--decline needs --reason TEXT: whoever asked is told it');
  if (!decline && reason !== null) throw new UsageError('--reason goes with --decline; a signature needs none');
  return withExecutor(
    options,
    { dryRun: false },
    () => true,
    async (_session, executor) => {
      const { requests, silent } = await executor.approvals.survey();
      const [request, second] = requests.filter((each) => each.hash.startsWith(hash));
      if (request === undefined) {
        const where = silent.length === 0 ? '' : ` on the hosts that answer (${silent.join(' ')} did not)`;
        return refused(`nothing with ${hash} waits for approval${where}; quarterdeck approvals lists what does`);
      }
      if (second !== undefined) throw new UsageError(`${hash} fits several requests; give more digits`);
      if (options.readOnly) return refused('started with --read-only: nothing is approved or declined');
      const refusal = decline ? await executor.approvals.decline(request, reason ?? '') : await executor.approvals.give(request);
      if (refusal !== null) return refused(refusal.message);
      process.stdout.write(`${decline ? 'declined' : 'approved'}: ${request.title}, asked by ${request.who}\n`);
      return exitCode.ok;
    },
  );
}

/** All of a request that a person should read before they sign, under a line that says what it is. */
function requestText(request: PendingApproval): string {
  const { hash, title, who, by, run, step, reason, needs, undo, expected } = request;
  const said = request.declined;
  const fields: readonly (readonly [string, string | null])[] = [
    ['needs', needs],
    ['by', by],
    ['part of', run === null ? null : `${run}${step === null ? '' : `, step ${step}`}`],
    ['reason', reason],
    ['risk', request.risk === 'danger' ? 'danger' : null],
    ...request.commands.map((command) => ['runs', command.replaceAll('\n', '\n            ')] as const),
    ...request.others.map((other) => ['also here', other] as const),
    ...request.warnings.map((warning) => ['beware', warning] as const),
    ['then', expected],
    ['undo', undo],
    ['signed', request.signed.length === 0 ? null : request.signed.map(namedOf).join(', ')],
    ['declined', said === null ? null : `${namedOf(said)}: ${said.reason ?? 'no reason given'}`],
    ['beware', fitsItsHash(request) === false ? 'its words are not those that a signature would stand for' : null],
  ];
  const waited = formatDuration((request.waitedS + request.ageS) * 1000);
  const own = who === operator() ? '; it is yours: somebody else signs' : '';
  return [
    `${hash.slice(0, 8)}  ${title}, asked by ${who} ${waited} ago, good for ${formatDuration(leftS(request) * 1000)}${own}`,
    ...fields.flatMap(([label, text]) => (text === null ? [] : [`  ${label.padEnd(10)}${text}`])),
    '',
  ].join('\n');
}

function surveyJson(fleet: string, { requests, silent }: Survey, now: number): object {
  const answer = ({ who, uid, ageS }: { who: string; uid: number | null; ageS: number }): object => ({
    who,
    uid,
    at: iso(now - ageS * 1000),
  });
  return {
    fleet,
    at: iso(now),
    requests: requests.map((request) => ({
      hash: request.hash,
      title: request.title,
      askedBy: request.who,
      uid: request.uid,
      own: request.who === operator(),
      askedAt: iso(now - (request.waitedS + request.ageS) * 1000),
      until: iso(now + leftS(request) * 1000),
      host: request.hostName,
      env: request.env,
      hosts: request.hosts,
      risk: request.risk,
      needs: request.needs,
      by: request.by,
      count: request.count,
      run: request.run,
      step: request.step,
      reason: request.reason,
      commands: request.commands,
      warnings: request.warnings,
      others: request.others,
      expected: request.expected,
      undo: request.undo,
      fitsItsHash: fitsItsHash(request),
      signedBy: request.signed.map(answer),
      declinedBy: request.declined === null ? null : { ...answer(request.declined), reason: request.declined.reason },
    })),
    silent,
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
