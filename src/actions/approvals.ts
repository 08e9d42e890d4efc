import { randomBytes } from 'node:crypto';
import type { HostId } from '../fleet/host.ts';
import type { Shells, World } from '../live/world.ts';
import {
  type ApprovalRequest,
  askApproval,
  giveApproval,
  listApprovals,
  readApprovals,
  readGiven,
  readRequests,
  withdrawApproval,
} from '../remote/approval-note.ts';
import { sanitizeLine } from '../remote/sanitize.ts';
import { shownCommand } from '../remote/shown-command.ts';
import type { PlannedCommand, Refusal } from './plan.ts';
import type { ActionRecord } from './record.ts';

/** How long an approval counts, s. */
const approvalLifeS = 600;
const questionMs = 10_000;

/** What needs approval: a plan or a bulk plan. */
export interface Approvable {
  readonly hash: string;
  readonly title: string;
  readonly env: string;
  readonly targets: readonly { readonly hostId: HostId }[];
  readonly commands: readonly Pick<PlannedCommand, 'hostName' | 'command'>[];
}

export interface PendingApproval extends ApprovalRequest {
  readonly hostId: HostId;
  readonly ageS: number;
}

export interface ApprovalParts {
  readonly world: World;
  readonly shells: Shells;
  readonly record: ActionRecord;
  /** Masks what must not be seen in a request, which everybody on the host may read. */
  readonly redact: (text: string) => string;
  /** Why nothing may be written on a host, `null` when it may: read-only mode. */
  refuse(): Refusal | null;
}

/** A second person's yes, left on the first target itself and bound to the plan's hash. The asker's own does not count. */
export class Approvals {
  readonly #parts: ApprovalParts;

  constructor(parts: ApprovalParts) {
    this.#parts = parts;
  }

  /** Who approved; `null` when nobody else has. */
  async of(plan: Approvable): Promise<string | null> {
    return (await this.signers(plan))[0] ?? null;
  }

  /** Everybody else who approved, each once. */
  async signers(plan: Approvable): Promise<readonly string[]> {
    const hostId = plan.targets[0]?.hostId;
    if (hostId === undefined) return [];
    const said = await this.#say(hostId, readApprovals(plan.hash));
    if (said === null) return [];
    const { approvals } = readGiven(plan.hash, said);
    const { record, world } = this.#parts;
    const now = world.clock.wallMs();
    // One yes lets one run through: what was approved before the plan was last carried out is used up.
    const usedAt = record.lastUse(plan.hash, now, approvalLifeS * 1000);
    const fresh = approvals.filter(({ ageS }) => ageS <= approvalLifeS && (usedAt === null || ageS * 1000 < now - usedAt));
    // With a shared login the owners are the same, and the consoles' own words tell two people apart.
    const others = new Map(fresh.flatMap((approval) => (approval.who === record.who ? [] : [[approval.who, approval.uid] as const])));
    return [...others].map(([who, uid]) => `${sanitizeLine(who, 60)} (uid ${uid})`);
  }

  /** The plan was let through: takes its request away, and its approvals where that is allowed. */
  async settle(plan: Approvable): Promise<void> {
    const hostId = plan.targets[0]?.hostId;
    if (hostId !== undefined) await this.#say(hostId, withdrawApproval(plan.hash));
  }

  /** Leaves the request on the first target; says what to tell the second person. */
  async ask(plan: Approvable): Promise<string> {
    return (await this.leave(plan))
      ? `asked for it; somebody else runs: quarterdeck approve ${plan.hash.slice(0, 8)}; then make the plan again`
      : 'the request could not be left on the host';
  }

  /** Leaves the request, or renews it; false when the host does not take it. */
  async leave(plan: Approvable): Promise<boolean> {
    const hostId = plan.targets[0]?.hostId;
    if (hostId === undefined) return false;
    const commands = plan.commands.map((command) => this.#parts.redact(`${command.hostName}: ${shownCommand(command.command)}`));
    const title = this.#parts.redact(plan.title);
    const said = await this.#say(hostId, askApproval({ hash: plan.hash, who: this.#parts.record.who, title, commands }));
    return said?.includes('\n#approval asked\n') === true;
  }

  /** Every request on the hosts of the fleet that answer. */
  async pending(): Promise<readonly PendingApproval[]> {
    const found = await Promise.all(
      this.#parts.world.views().map(async ({ host }) => {
        const said = await this.#say(host.id, listApprovals());
        return said === null ? [] : readRequests(said).map((request) => ({ ...request, hostId: host.id }));
      }),
    );
    return found.flat().filter((request) => request.ageS <= approvalLifeS);
  }

  /** Approves somebody else's request; journaled first. */
  async give(request: PendingApproval): Promise<Refusal | null> {
    const refusal = this.#parts.refuse();
    if (refusal !== null) return refusal;
    if (request.who === this.#parts.record.who) return { guard: 'approval', message: 'your own request needs somebody else’s approval' };
    const env = this.#parts.world.view(request.hostId)?.host.env ?? 'default';
    const failure = this.#parts.record.write('approval', {
      env,
      detail: { title: request.title, hash: request.hash, askedBy: request.who },
    });
    if (failure !== null) return failure;
    const said = await this.#say(request.hostId, giveApproval(request.hash, this.#parts.record.who, randomBytes(8).toString('hex')));
    return said?.includes('\n#approval given\n') === true
      ? null
      : { guard: 'unreachable', message: 'the approval could not be left on the host' };
  }

  async #say(hostId: HostId, text: string): Promise<string | null> {
    const connection = this.#parts.shells.open(hostId);
    if (connection === null) return null;
    try {
      const result = await connection.exec(text, { deadlineMs: questionMs });
      return result.end === 'exit' ? result.stdout : null;
    } catch {
      return null;
    }
  }
}
