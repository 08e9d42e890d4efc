import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';

/*
 * Messages that wait to be sent, one append-only file each, in the manner of a maildir: `new` holds what waits, `cur` what a console has
 * taken to send it until the time in its name, `dead` what could not be sent. Files go from one to the next by rename, which only one
 * console can win; what a killed console had taken is free again once its time is over. So a message may be sent twice, never not at all.
 */

export type Channel = 'webhook' | 'mail';

export interface Message {
  readonly channel: Channel;
  /** Addresses of a mail; empty means those of the fleet file. */
  readonly to: readonly string[];
  readonly text: string;
  /** Epoch ms. */
  readonly at: number;
}

export interface Claimed extends Message {
  readonly id: string;
  /** Its file while it is taken. */
  readonly path: string;
  readonly attempts: number;
}

export interface DeadLetter {
  readonly at: number;
  readonly channel: string;
  readonly text: string;
  readonly problem: string;
}

const mostWaiting = 1000;
const mostDead = 100;

const messageSchema = z.object({ channel: z.enum(['webhook', 'mail']), to: z.array(z.string()), text: z.string(), at: z.number() });
const attemptSchema = z.object({ problem: z.string(), tried: z.number() });

export class Spool {
  readonly #dir: string;
  readonly #leaseMs: number;

  constructor(dir: string, leaseMs: number) {
    this.#dir = dir;
    this.#leaseMs = leaseMs;
  }

  /** Keeps a message. Rejects with one plain sentence when it cannot; when too many wait, the oldest make room. Gives how many. */
  async put(message: Message): Promise<number> {
    // Level by level: what is above belongs to others, and Node's recursive mkdir never ends below /proc.
    for (const path of [dirname(this.#dir), this.#dir, ...['new', 'cur', 'dead'].map((name) => join(this.#dir, name))])
      await makeFolder(path);
    const waiting = await this.#names('new');
    const over = waiting.slice(0, Math.max(0, waiting.length + 1 - mostWaiting));
    for (const name of over) await this.#bury(join(this.#dir, 'new', name), name, 'too many messages waited', message.at);
    const id = `${String(message.at).padStart(13, '0')}-${randomBytes(5).toString('hex')}.${message.channel}`;
    const file = await open(join(this.#dir, 'cur', `${id}~writing`), constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      await file.appendFile(`${JSON.stringify(message)}\n`);
    } finally {
      await file.close();
    }
    await rename(join(this.#dir, 'cur', `${id}~writing`), join(this.#dir, 'new', id));
    return over.length;
  }

  /** When the oldest that waits for a channel was given, epoch ms; `null` when none waits. What a killed console had taken is freed first. */
  async oldest(channel: Channel, now: number): Promise<number | null> {
    await this.#free(now);
    const name = (await this.#names('new')).find((each) => each.endsWith(`.${channel}`));
    return name === undefined ? null : Number(name.slice(0, 13));
  }

  /** Takes what waits for a channel, oldest first. `now` is epoch ms. */
  async claim(channel: Channel, now: number, most: number): Promise<readonly Claimed[]> {
    const names = (await this.#names('new')).filter((name) => name.endsWith(`.${channel}`)).slice(0, most);
    const claimed: Claimed[] = [];
    for (const name of names) {
      const path = join(this.#dir, 'cur', `${name}~${now + this.#leaseMs}`);
      const won = await rename(join(this.#dir, 'new', name), path).then(
        () => true,
        () => false,
      );
      const read = won ? await readMessage(path) : null;
      if (read !== null) claimed.push({ ...read, id: name, path });
      else if (won) await this.#bury(path, name, 'its file cannot be read', now);
    }
    return claimed;
  }

  async sent(message: Claimed): Promise<void> {
    await unlink(message.path).catch(() => {});
  }

  /** Puts it back with what went wrong noted in its file. */
  async again(message: Claimed, problem: string, now: number): Promise<void> {
    await note(message.path, problem, now);
    await rename(message.path, join(this.#dir, 'new', message.id)).catch(() => {});
  }

  async dead(message: Claimed, problem: string, now: number): Promise<void> {
    await this.#bury(message.path, message.id, problem, now);
  }

  /** How many wait or are being sent. */
  async waiting(): Promise<number> {
    return (await this.#names('new')).length + (await this.#names('cur')).length;
  }

  /** What could not be sent, newest last. */
  async deadLetters(): Promise<readonly DeadLetter[]> {
    const names = (await this.#names('dead')).slice(-mostDead);
    const letters = await Promise.all(
      names.map(async (name): Promise<DeadLetter[]> => {
        const lines = await linesOf(join(this.#dir, 'dead', name));
        const message = messageSchema.safeParse(lines[0]).data;
        const problem = attemptSchema.safeParse(lines.at(-1)).data?.problem ?? 'unknown reason';
        return message === undefined ? [] : [{ at: message.at, channel: message.channel, text: message.text, problem }];
      }),
    );
    return letters.flat();
  }

  async #bury(path: string, name: string, problem: string, now: number): Promise<void> {
    await note(path, problem, now);
    await rename(path, join(this.#dir, 'dead', name)).catch(() => {});
    const dead = await this.#names('dead');
    for (const old of dead.slice(0, Math.max(0, dead.length - mostDead))) await unlink(join(this.#dir, 'dead', old)).catch(() => {});
  }

  async #free(now: number): Promise<void> {
    for (const name of await this.#names('cur')) {
      const [id = '', until = ''] = name.split('~');
      if (until === 'writing') {
        // Its writer was killed: what it held was never acknowledged.
        if (now - Number(id.slice(0, 13)) > this.#leaseMs) await unlink(join(this.#dir, 'cur', name)).catch(() => {});
      } else if (Number(until) < now) {
        await rename(join(this.#dir, 'cur', name), join(this.#dir, 'new', id)).catch(() => {});
      }
    }
  }

  async #names(part: 'new' | 'cur' | 'dead'): Promise<readonly string[]> {
    const names = await readdir(join(this.#dir, part)).catch(() => []);
    return names.filter((name) => /^\d{13}-[0-9a-f]{10}\.(webhook|mail)(~(\d+|writing))?$/.test(name)).toSorted();
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

async function readMessage(path: string): Promise<(Message & { readonly attempts: number }) | null> {
  const lines = await linesOf(path);
  const message = messageSchema.safeParse(lines[0]).data;
  return message === undefined ? null : { ...message, attempts: lines.length - 1 };
}

async function linesOf(path: string): Promise<readonly unknown[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => {
      try {
        return JSON.parse(line);
      } catch {
        return null;
      }
    });
}

async function note(path: string, problem: string, now: number): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW;
  const file = await open(path, flags).catch(() => null);
  if (file === null) return;
  try {
    await file.appendFile(`${JSON.stringify({ tried: now, problem })}\n`);
  } catch {
    // The message itself is whole.
  } finally {
    await file.close();
  }
}
