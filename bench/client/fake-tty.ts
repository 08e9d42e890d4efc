import { PassThrough, Writable } from 'node:stream';

/** Streams that look like a terminal to Ink; what is written is counted and thrown away. */
export interface FakeTty {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  type(text: string): void;
  /** Bytes written since the last call. */
  takeBytes(): number;
  /** Resolves with the time (performance.now) of the next write. */
  nextWrite(): Promise<number>;
}

export function fakeTty(columns: number, rows: number): FakeTty {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input, ref: () => input, unref: () => input });
  let bytes = 0;
  let waiting: ((at: number) => void)[] = [];
  const sink = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      bytes += Buffer.byteLength(chunk);
      const at = performance.now();
      const told = waiting;
      waiting = [];
      for (const tell of told) tell(at);
      done();
    },
  });
  const output = Object.assign(sink, { isTTY: true, columns, rows });
  return {
    // oxlint-disable-next-line no-unsafe-type-assertion -- Ink asks a TTY for no more than this
    stdin: input as unknown as NodeJS.ReadStream,
    // oxlint-disable-next-line no-unsafe-type-assertion -- as above
    stdout: output as unknown as NodeJS.WriteStream,
    type: (text) => void input.write(text),
    takeBytes: () => {
      const taken = bytes;
      bytes = 0;
      return taken;
    },
    nextWrite: () => new Promise((resolve) => waiting.push(resolve)),
  };
}
