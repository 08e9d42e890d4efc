import type { HostId } from '../fleet/host.ts';
import { asciiJson } from '../remote/approval-note.ts';
import type { Answer, ApprovalRequest, LeftRequest, SignedContent } from '../remote/approval-read.ts';
import { shownCommand } from '../remote/shown-command.ts';
import type { BulkPlan } from './bulk-plan.ts';
import { contentHash, planContent } from './guards.ts';
import type { Plan, PlannedCommand } from './plan.ts';

/** How long a request that is not renewed is seen, and a yes counts, s. */
export const approvalLifeS = 600;

/** The commands, and the words that a signature binds to, come along up to this length each, bytes; the folder on the host is small. */
const longestPart = 60_000;

/** What needs approval: a plan, a bulk plan, a step of a run. */
export interface Approvable {
  readonly hash: string;
  readonly title: string;
  readonly env: string;
  /** The request is left on the first. */
  readonly targets: readonly { readonly hostId: HostId }[];
  readonly commands: readonly Pick<PlannedCommand, 'hostName' | 'command'>[];
  /** What the hash is made of, so that who signs can see that it fits. */
  readonly content?: SignedContent;
  readonly card?: RequestCard;
}

/** What else the second person should know before they sign. */
export type RequestCard = Pick<
  ApprovalRequest,
  'hosts' | 'risk' | 'needs' | 'reason' | 'warnings' | 'others' | 'expected' | 'undo' | 'run' | 'step' | 'by' | 'count'
>;

export const plainCard: RequestCard = {
  hosts: [],
  risk: null,
  needs: null,
  reason: null,
  warnings: [],
  others: [],
  expected: null,
  undo: null,
  run: null,
  step: null,
  by: null,
  count: 1,
};

/** A request as any console sees it. */
export interface PendingApproval extends LeftRequest {
  readonly hostId: HostId;
  readonly hostName: string;
  /** Others than the asker who said yes and whose yes still counts, each once. */
  readonly signed: readonly Answer[];
  /** A no to this very asking. */
  readonly declined: Answer | null;
}

/** `bob@right (uid 1000)`: what their console calls itself, and the login on the host, which it cannot make up. */
export const namedOf = ({ who, uid }: Pick<Answer, 'who' | 'uid'>): string => (uid === null ? who : `${who} (uid ${uid})`);

/** How long somebody may still sign it, s; 0 and less when it is over. */
export function leftS(request: Pick<LeftRequest, 'leftS' | 'ageS'>): number {
  // One that its console does not renew any more is not seen for longer than a yes would count.
  return request.ageS >= approvalLifeS ? 0 : request.leftS - request.ageS;
}

/** A plan with all that its card says. `reason`: the asker's own words. */
export function approvableOf(plan: Plan | BulkPlan, reason: string | null, around: Partial<RequestCard> = {}): Approvable {
  const items = 'items' in plan ? plan.items : [plan];
  const [first] = items;
  const card: RequestCard = {
    ...plainCard,
    hosts: [...new Set(plan.targets.map(({ name }) => name))],
    risk: items.some((item) => item.risk === 'danger') ? 'danger' : (first?.risk ?? null),
    needs: plan.approvalNeeded,
    reason,
    warnings: [...new Set(items.flatMap((item) => item.warnings))].slice(0, 20),
    others: [...new Set(items.flatMap((item) => item.others))].slice(0, 20),
    expected: first?.expected ?? null,
    undo: first === undefined ? null : items.length > 1 ? `a host at a time: ${first.undo}` : first.undo,
    ...around,
  };
  return { ...plan, content: planContent(plan.title, plan.commands), card };
}

/** How long an asking has lasted and may still last, and which it is. */
export interface Asking {
  readonly token: string;
  readonly waitedS: number;
  readonly leftS: number;
}

/** The request as it is written, one line of JSON. Everybody on the host may read it: what must not be seen is masked. */
export function requestText(what: Approvable, who: string, asking: Asking, redact: (text: string) => string): string {
  const { hash, title, env, commands, content = null, card = plainCard } = what;
  const masked = (text: string | null): string | null => (text === null ? null : redact(text));
  const exact = content === null ? null : asciiJson(content);
  const request: ApprovalRequest = {
    hash,
    who,
    title: redact(title),
    commands: upTo(
      longestPart,
      commands.map((command) => redact(`${command.hostName}: ${shownCommand(command.command)}`)),
    ),
    env,
    ...card,
    needs: masked(card.needs),
    reason: masked(card.reason),
    warnings: card.warnings.map(redact),
    others: card.others.map(redact),
    expected: masked(card.expected),
    undo: masked(card.undo),
    ...asking,
    content: exact === null || exact.length > longestPart || redact(exact) !== exact ? null : content,
  };
  return asciiJson(request);
}

/** As many as fit, and how many do not. */
function upTo(length: number, texts: readonly string[]): string[] {
  let left = length;
  const some = texts.filter((text) => (left -= asciiJson(text).length) >= 0);
  return some.length === texts.length ? some : [...some, `and ${texts.length - some.length} more, which are too long for the request`];
}

/** Whether the words of a request are those its hash is made of; `null` when it does not bring them along. */
export function fitsItsHash({ content, hash }: Pick<ApprovalRequest, 'content' | 'hash'>): boolean | null {
  return content === null ? null : contentHash(content) === hash;
}
