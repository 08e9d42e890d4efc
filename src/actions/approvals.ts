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
  readonly commands: readonly PlannedCommand[];
}

export interface PendingApproval extends ApprovalRequest {
  readonly hostId: HostId;
  readonly ageS: number;
}

/** A second person's yes, left on the first target itself and bound to the plan's hash. The asker's own does not count. */
export class Approvals {
  readonly #world: World;
  readonly #shells: Shells;
  readonly #record: ActionRecord;

  constructor(world: World, shells: Shells, record: ActionRecord) {
    this.#world = world;
    this.#shells = shells;
    this.#record = record;
  }

  /** Who approved; `null` when nobody else has. */
  async of(plan: Approvable): Promise<string | null> {
    const hostId = plan.targets[0]?.hostId;
    if (hostId === undefined) return null;
    const said = await this.#say(hostId, readApprovals(plan.hash));
    if (said === null) return null;
    const { approvals } = readGiven(plan.hash, said);
    // With a shared login the owners are the same, and the consoles' own words tell two people apart.
    const other = approvals.find((approval) => approval.ageS <= approvalLifeS && approval.who !== this.#record.who);
    if (other === undefined) return null;
    await this.#say(hostId, withdrawApproval(plan.hash));
    return `${sanitizeLine(other.who, 60)} (uid ${other.uid})`;
  }

  /** Leaves the request on the first target; says what to tell the second person. */
  async ask(plan: Approvable): Promise<string> {
    const hostId = plan.targets[0]?.hostId;
    const commands = plan.commands.map((command) => `${command.hostName}: ${command.command}`);
    const said =
      hostId === undefined
        ? null
        : await this.#say(hostId, askApproval({ hash: plan.hash, who: this.#record.who, title: plan.title, commands }));
    if (said === null) return 'the request could not be left on the host';
    return `asked for it; somebody else runs: quarterdeck approve ${plan.hash.slice(0, 8)}; then make the plan again`;
  }

  /** Every request on the hosts of the fleet that answer. */
  async pending(): Promise<readonly PendingApproval[]> {
    const found = await Promise.all(
      this.#world.views().map(async ({ host }) => {
        const said = await this.#say(host.id, listApprovals());
        return said === null ? [] : readRequests(said).map((request) => ({ ...request, hostId: host.id }));
      }),
    );
    return found.flat().filter((request) => request.ageS <= approvalLifeS);
  }

  /** Approves somebody else's request; journaled first. */
  async give(request: PendingApproval): Promise<Refusal | null> {
    if (request.who === this.#record.who) return { guard: 'approval', message: 'your own request needs somebody else’s approval' };
    const env = this.#world.view(request.hostId)?.host.env ?? 'default';
    const failure = this.#record.write('approval', { env, detail: { title: request.title, hash: request.hash, askedBy: request.who } });
    if (failure !== null) return failure;
    const said = await this.#say(request.hostId, giveApproval(request.hash, this.#record.who, randomBytes(8).toString('hex')));
    return said?.includes('\n#approval given\n') === true
      ? null
      : { guard: 'unreachable', message: 'the approval could not be left on the host' };
  }

  async #say(hostId: HostId, text: string): Promise<string | null> {
    const connection = this.#shells.open(hostId);
    if (connection === null) return null;
    try {
      const result = await connection.exec(text, { deadlineMs: questionMs });
      return result.end === 'exit' ? result.stdout : null;
    } catch {
      return null;
    }
  }
}
