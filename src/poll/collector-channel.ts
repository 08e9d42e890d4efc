import { randomBytes } from 'node:crypto';
import type { HostConnection, ShellChannel } from '../remote/connection.ts';
import { ReachError } from '../remote/reach-error.ts';
import { collectorScript, type CollectorSpec } from '../probe/collector-script.ts';
import { FrameReader } from '../probe/frame-reader.ts';
import { collectorCommand, roundLine, type Round, type RoundKind } from '../probe/wire.ts';

/** The one kept shell of a host: the script is sent once, then a line asks for each round. */
export class CollectorChannel {
  readonly #shell: ShellChannel;
  readonly #frames: FrameReader;
  /** The first answer: what kind of host this is. */
  readonly hello: Promise<Round>;
  #asked = 0;
  #waiting: { seq: number; resolve: (round: Round) => void; reject: (error: ReachError) => void } | null = null;
  #over: ReachError | null = null;

  private constructor(shell: ShellChannel, nonce: string, deadlineMs: number) {
    this.#shell = shell;
    this.#frames = new FrameReader(nonce);
    shell.onData((chunk) => this.#take(chunk));
    shell.onClose((why) => this.#end(why));
    this.hello = this.#await(0, deadlineMs, 'no-shell', 'Logged in, but no POSIX shell answered');
  }

  /** Starts the collector and waits for its hello. Rejects with `no-shell` when nothing that understands `sh` answers in time. */
  static async open(connection: Pick<HostConnection, 'shell'>, spec: CollectorSpec, deadlineMs: number): Promise<CollectorChannel> {
    const nonce = randomBytes(8).toString('hex');
    const channel = new CollectorChannel(await connection.shell(collectorCommand), nonce, deadlineMs);
    channel.#shell.write(collectorScript(spec, nonce));
    await channel.hello;
    return channel;
  }

  /** Asks for one round. Rejects with a ReachError when it is not whole within `deadlineMs`; the channel is then of no more use. */
  round(kind: RoundKind, deadlineMs: number): Promise<Round> {
    this.#asked += 1;
    const answer = this.#await(this.#asked, deadlineMs, 'timeout', 'Connected, but the round was not answered');
    if (this.#over === null) this.#shell.write(roundLine[kind]);
    return answer;
  }

  close(): void {
    this.#shell.close();
  }

  #await(seq: number, deadlineMs: number, reach: 'no-shell' | 'timeout', what: string): Promise<Round> {
    return new Promise<Round>((resolve, reject) => {
      if (this.#over !== null) {
        reject(this.#over);
        return;
      }
      const timer = setTimeout(() => {
        this.#waiting = null;
        reject(new ReachError(reach, `${what} within ${Math.round(deadlineMs / 100) / 10} s.`));
      }, deadlineMs);
      this.#waiting = {
        seq,
        resolve: (round) => {
          clearTimeout(timer);
          resolve(round);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
    });
  }

  #take(chunk: Buffer): void {
    if (this.#over !== null) return;
    for (const round of this.#frames.push(chunk)) {
      const waiting = this.#waiting;
      if (waiting === null || waiting.seq !== round.seq) continue;
      this.#waiting = null;
      waiting.resolve(round);
    }
    if (!this.#frames.flooded) return;
    // Reading on would only cost memory and the network: no round can come out of it.
    this.#fail(
      new ReachError(
        'no-shell',
        'Logged in, but the host says more than 4 MB without the end of a round.',
        'See what its service managers print when they are asked for their state.',
      ),
    );
    this.#shell.close();
  }

  #end(why: string): void {
    const hello = this.#waiting?.seq === 0;
    this.#fail(
      hello
        ? new ReachError('no-shell', `Logged in, but the shell ended at once: ${why}.`, 'The login needs a POSIX sh and no ForceCommand.')
        : new ReachError('unreachable', `The connection ended during a round: ${why}.`),
    );
  }

  #fail(error: ReachError): void {
    if (this.#over !== null) return;
    this.#over = error;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(error);
  }
}
