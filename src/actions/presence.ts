import { randomBytes } from 'node:crypto';
import { formatDuration } from '../fleet/duration.ts';
import type { HostId } from '../fleet/host.ts';
import type { Shells } from '../live/world.ts';
import { leave, meetAt, readPresence, whoIsAt } from '../remote/presence-note.ts';

const questionMs = 5000;

/** Who else looks at a host with writes armed; this console's own note is left only when it may write itself, and taken away at its end. */
export class PresenceBoard {
  readonly #shells: Shells;
  readonly #who: string;
  readonly #token = randomBytes(8).toString('hex');
  readonly #noted = new Set<HostId>();

  constructor(shells: Shells, who: string) {
    this.#shells = shells;
    this.#who = who;
  }

  /** The others on a host, in words; empty when nobody is there or it cannot be asked. */
  async others(hostId: HostId, mayWrite: boolean): Promise<readonly string[]> {
    const connection = this.#shells.open(hostId);
    if (connection === null) return [];
    try {
      if (mayWrite) this.#noted.add(hostId);
      const said = await connection.exec(mayWrite ? meetAt(this.#who, this.#token) : whoIsAt(), { deadlineMs: questionMs });
      return readPresence(said.stdout)
        .filter((presence) => presence.who !== this.#who)
        .map((presence) => `${presence.who} is on it too (${formatDuration(presence.ageS * 1000)} ago)`);
    } catch {
      return [];
    }
  }

  /** Takes every note of this console away, where its host still answers. */
  async leave(): Promise<void> {
    const noted = [...this.#noted];
    this.#noted.clear();
    await Promise.all(
      noted.map((hostId) =>
        this.#shells
          .open(hostId)
          ?.exec(leave(this.#token), { deadlineMs: questionMs })
          .catch(() => null),
      ),
    );
  }
}
