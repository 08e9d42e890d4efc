import { PassThrough } from 'node:stream';
import { Terminal } from '@xterm/headless';

/** A terminal emulator behind streams that look like a TTY, for Ink to draw on and to type into. */
export interface FakeTerminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly emulator: Terminal;
  /** Everything written so far. */
  written(): string;
  type(text: string): void;
  resize(columns: number, rows: number): void;
  screen(): Promise<string[]>;
}

export function fakeTerminal(columns: number, rows: number): FakeTerminal {
  const emulator = new Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input, ref: () => input, unref: () => input });
  let all = '';
  const output = Object.assign(new PassThrough(), { isTTY: true, columns, rows });
  output.on('data', (chunk: Buffer) => {
    all += chunk.toString();
    emulator.write(chunk);
  });
  return {
    // oxlint-disable-next-line no-unsafe-type-assertion -- Ink asks a TTY for no more than this
    stdin: input as unknown as NodeJS.ReadStream,
    // oxlint-disable-next-line no-unsafe-type-assertion -- as above
    stdout: output as unknown as NodeJS.WriteStream,
    emulator,
    written: () => all,
    type: (text) => void input.write(text),
    resize: (wide, high) => {
      emulator.resize(wide, high);
      Object.assign(output, { columns: wide, rows: high });
      output.emit('resize');
    },
    screen: () =>
      new Promise((resolve) => {
        emulator.write('', () => {
          const { active } = emulator.buffer;
          resolve(Array.from({ length: emulator.rows }, (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? ''));
        });
      }),
  };
}

/** Waits until the screen fulfils `wanted`; rejects with the screen when it does not in time. */
export async function until(terminal: FakeTerminal, wanted: (screen: string) => boolean, deadlineMs = 5000): Promise<string> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const screen = (await terminal.screen()).join('\n');
    if (wanted(screen)) return screen;
    if (performance.now() > end) throw new Error(`The screen never became what was waited for:\n${screen}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
