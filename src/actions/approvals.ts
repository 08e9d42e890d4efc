import { randomBytes } from 'node:crypto';
import pLimit from 'p-limit';
import type { HostId } from '../fleet/host.ts';
import type { Shells, World } from '../live/world.ts';
import { askApproval, giveAnswer, listApprovals, readApprovals, withdrawApproval } from '../remote/approval-note.ts';
import { type Answer, type LeftRequest, readAnswers, readListed, readRequests } from '../remote/approval-read.ts';
import type { Secret } from '../fleet/secret.ts';
import {
  approvalLifeS,
  type Approvable,
  type Asking,
  fitsItsHash,
  leftS,
  namedOf,
  type PendingApproval,
  plainCard,
  requestText,
} from './approval-request.ts';
import type { Refusal } from './plan.ts';
import type { ActionRecord } from './record.ts';

const questionMs = 10_000;
/** Hosts asked at a time: a console that only looks for requests leaves their connections to the polls. */
const askedAtOnce = 16;

export interface ApprovalParts {
  readonly world: World;
  readonly shells: Shells;
  readonly record: ActionRecord;
  /** Masks what must not be seen in a request, which everybody on the host may read. */
  readonly redact: (text: string) => string;
  /** Why nothing may be written on a host, `null` when it may: read-only mode. */
  refuse(): Refusal | null;
}

/** What other people have said to a plan so far. */
export interface Standing {
  /** Everybody else who approved and whose yes still counts, each once. */
  readonly signers: readonly string[];
  /** A no to the request that lies there now. */
  readonly declined: { readonly who: string; readonly reason: string } | null;
  /** False when the host could not be asked. */
  readonly seen: boolean;
}

/** What waits for a second person, and the hosts that could not be asked for it. */
export interface Survey {
  readonly requests: readonly PendingApproval[];
  readonly silent: readonly string[];
}

/** A second person's yes, left on the first target itself and bound to the plan's hash. The asker's own does not count. */
export class Approvals {
  readonly #parts: ApprovalParts;
  /** What confirmed plans of this console wait for just now. */
  readonly waiting = new Set<Approvable>();

  constructor(parts: ApprovalParts) {
    this.#parts = parts;
  }

  /** Who approved; `null` when nobody else has. */
  async of(plan: Approvable): Promise<string | null> {
    return (await this.signers(plan))[0] ?? null;
  }

  /** Everybody else who approved, each once. */
  async signers(plan: Approvable): Promise<readonly string[]> {
    return (await this.standing(plan)).signers;
  }

  async standing(plan: Approvable): Promise<Standing> {
    const hostId = plan.targets[0]?.hostId;
    const said = hostId === undefined ? null : await this.#say(hostId, readApprovals(plan.hash));
    if (said === null) return { signers: [], declined: null, seen: false };
    const { record, world } = this.#parts;
    const answers = readAnswers(said).filter(({ hash, who }) => hash === plan.hash && who !== record.who);
    const now = world.clock.wallMs();
    // One yes lets one run through: what was approved before the plan was last carried out is used up.
    const usedAt = record.lastUse(plan.hash, now, approvalLifeS * 1000);
    const fresh = answers.filter(
      ({ said: word, ageS }) => word === 'yes' && counts(ageS) && (usedAt === null || ageS * 1000 < now - usedAt),
    );
    // With a shared login the owners are the same, and the consoles' own words tell two people apart.
    const signers = [...new Map(fresh.map((answer) => [answer.who, namedOf(answer)])).values()];
    const token = readRequests(said).find(({ hash }) => hash === plan.hash)?.token ?? null;
    const no = answers.find((answer) => answer.said === 'no' && token !== null && answer.token === token);
    return { signers, declined: no === undefined ? null : { who: namedOf(no), reason: no.reason ?? 'no reason given' }, seen: true };
  }

  /** The plan was let through: takes its request away, and its approvals where that is allowed. */
  async settle(plan: Approvable): Promise<void> {
    const hostId = plan.targets[0]?.hostId;
    if (hostId !== undefined) await this.#say(hostId, withdrawApproval(plan.hash));
  }

  /** The console ends: nobody is to sign what it does not wait for any more. A run's requests stay, for who takes it up. */
  async leaveAll(): Promise<void> {
    await Promise.all([...this.waiting].map((what) => this.settle(what)));
  }

  /** Leaves the request on the first target; says what to tell the second person, or who said no to the one that lay there. */
  async ask(plan: Approvable): Promise<string> {
    const { declined } = await this.standing(plan);
    if (declined !== null) {
      await this.settle(plan);
      return `declined by ${declined.who}: ${declined.reason}. To ask again, make the plan again`;
    }
    const why = await this.leave(plan);
    return why === null
      ? `asked for it; somebody else runs: ${approveCommand(plan)}; then make the plan again`
      : `the request could not be left on the host: ${why}`;
  }

  /** Leaves the request, or renews it where `asking` was left before; why it could not be left, `null` when it was. A first one is journaled. */
  async leave(plan: Approvable, asking: Asking = newAsking()): Promise<string | null> {
    const [target] = plan.targets;
    if (target === undefined) return 'it names no host';
    const { record, redact } = this.#parts;
    if (asking.waitedS === 0) {
      const { reason, run, step } = plan.card ?? plainCard;
      const failure = record.write('approval', {
        env: plan.env,
        outcome: 'asked',
        detail: { title: plan.title, hash: plan.hash, reason, run, step },
      });
      if (failure !== null) return failure.message;
    }
    const said = await this.#say(target.hostId, askApproval(plan.hash), requestText(plan, record.who, asking, redact));
    return said?.includes('\n#approval asked\n') === true ? null : 'it does not answer, or lets nothing be written';
  }

  /** Every request on the hosts of the fleet that answer, with what was said to it. */
  async survey(): Promise<Survey> {
    const limit = pLimit(askedAtOnce);
    const silent: string[] = [];
    const views = this.#parts.world.views().filter((view) => view.goneSince === null);
    const found = await Promise.all(
      views.map(({ host }) =>
        limit(async () => {
          const said = await this.#say(host.id, listApprovals());
          const listed = said === null ? null : readListed(said);
          if (listed === null) silent.push(host.name);
          return (listed?.requests ?? []).map((request) =>
            pendingOf(request, listed?.answers ?? [], { hostId: host.id, hostName: host.name }),
          );
        }),
      ),
    );
    return { requests: found.flat().filter((request) => leftS(request) > 0), silent };
  }

  /** Every request that still waits on the hosts that answer. */
  async pending(): Promise<readonly PendingApproval[]> {
    return (await this.survey()).requests;
  }

  /** Why this console's person may not answer a request; `null` when they may. */
  whyNot(request: Pick<PendingApproval, 'who'>): Refusal | null {
    const refusal = this.#parts.refuse();
    if (refusal !== null) return refusal;
    return request.who === this.#parts.record.who
      ? { guard: 'approval', message: 'your own request needs somebody else’s approval' }
      : null;
  }

  /** Approves somebody else's request; journaled first. */
  async give(request: PendingApproval): Promise<Refusal | null> {
    return fitsItsHash(request) === false ? { guard: 'approval', message: forged } : this.#answer(request, 'yes', null);
  }

  /** Declines somebody else's request; the asker is told why. Journaled first. */
  decline(request: PendingApproval, reason: string): Promise<Refusal | null> {
    const why = this.#parts.redact(reason.trim());
    if (why === '') return Promise.resolve({ guard: 'reason', message: 'declining needs a reason: the asker is told it' });
    return this.#answer(request, 'no', why);
  }

  async #answer(request: PendingApproval, said: 'yes' | 'no', reason: string | null): Promise<Refusal | null> {
    const refusal = this.whyNot(request);
    if (refusal !== null) return refusal;
    const { record, world } = this.#parts;
    const failure = record.write('approval', {
      env: world.view(request.hostId)?.host.env ?? 'default',
      outcome: said === 'yes' ? 'signed' : 'declined',
      detail: { title: request.title, hash: request.hash, askedBy: request.who, ...(reason === null ? {} : { reason }) },
    });
    if (failure !== null) return failure;
    const answer = { hash: request.hash, who: record.who, ...(said === 'yes' ? {} : { token: request.token, reason }) };
    const heard = await this.#say(request.hostId, giveAnswer(said, answer, newToken()));
    return heard?.includes('\n#approval given\n') === true
      ? null
      : { guard: 'unreachable', message: `the ${said === 'yes' ? 'approval' : 'refusal'} could not be left on ${request.hostName}` };
  }

  async #say(hostId: HostId, text: string, stdin?: string | Secret): Promise<string | null> {
    const connection = this.#parts.shells.open(hostId);
    if (connection === null) return null;
    try {
      const result = await connection.exec(text, { deadlineMs: questionMs, ...(stdin === undefined ? {} : { stdin }) });
      return result.end === 'exit' ? result.stdout : null;
    } catch {
      return null;
    }
  }
}

/** Of a request that says one thing and asks for a signature under another; it can still be declined. */
export const forged = 'its words are not those that the signature would stand for: somebody changed the request';

const counts = (ageS: number): boolean => ageS <= approvalLifeS;
/** What the second person types. */
export function approveCommand({ hash }: { readonly hash: string }): string {
  return `quarterdeck approve ${hash.slice(0, 8)}`;
}

export function newToken(): string {
  return randomBytes(8).toString('hex');
}

/** The beginning of an asking. */
export function newAsking(lastsS: number = approvalLifeS): Asking {
  return { token: newToken(), waitedS: 0, leftS: lastsS };
}

function pendingOf(request: LeftRequest, answers: readonly Answer[], at: Pick<PendingApproval, 'hostId' | 'hostName'>): PendingApproval {
  const others = answers.filter(({ hash, who }) => hash === request.hash && who !== request.who);
  const yes = others.filter(({ said, ageS }) => said === 'yes' && counts(ageS));
  return {
    ...request,
    ...at,
    signed: [...new Map(yes.map((answer) => [answer.who, answer])).values()],
    declined: others.find(({ said, token }) => said === 'no' && token !== null && token === request.token) ?? null,
  };
}
