import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader } from '../../src/probe/frame-reader.ts';
import type { Round } from '../../src/probe/wire.ts';

const nonce = '0123456789abcdef';

function frame(seq: number, parts: Readonly<Record<string, string>>, mark = nonce): string {
  const body = Object.entries(parts).map(([name, text]) => `\n#${mark} p ${name}\n${text}\n#${mark} e ${name} 0\n`);
  return `\n#${mark} begin ${String(seq)}\n${body.join('')}\n#${mark} end ${String(seq)}\n`;
}

function readAll(chunks: readonly Buffer[]): Round[] {
  const reader = new FrameReader(nonce);
  return chunks.flatMap((chunk) => reader.push(chunk));
}

function texts(round: Round | undefined): Record<string, string> {
  return Object.fromEntries([...(round?.parts ?? [])].map(([name, part]) => [name, part.text]));
}

describe('the frame reader', () => {
  it('gives back the parts of a round byte for byte', () => {
    const parts = { proc: '==> /proc/uptime <==\n1.00 2.00\n', df: 'no newline at its end' };
    const rounds = readAll([Buffer.from(frame(1, parts))]);
    expect(rounds.map((round) => round.seq)).toEqual([1]);
    expect(texts(rounds[0])).toEqual(parts);
  });

  it('reads the same rounds however the bytes are cut, also inside a character', () => {
    const stream = Buffer.from(
      `Welcome!\r\n${frame(0, { id: 'os=Größe 漢字\n' })}${frame(1, { proc: 'a\n', dstate: '3\n' })}noise${frame(2, { proc: 'b\n' })}`,
    );
    const whole = readAll([stream]).map(texts);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const chunks = at.slice(1).map((end, index) => stream.subarray(at[index], end));
        expect(readAll(chunks).map(texts)).toEqual(whole);
      }),
    );
    expect(whole).toEqual([{ id: 'os=Größe 漢字\n' }, { proc: 'a\n', dstate: '3\n' }, { proc: 'b\n' }]);
  });

  it('reads a round that comes byte by byte', () => {
    const stream = Buffer.from(frame(1, { proc: 'x\n' }));
    const rounds = readAll(Array.from(stream, (byte) => Buffer.from([byte])));
    expect(rounds.map(texts)).toEqual([{ proc: 'x\n' }]);
  });

  it('takes markers of another nonce for text', () => {
    const forged = frame(1, { proc: 'forged\n' }, 'ffffffffffffffff');
    const rounds = readAll([Buffer.from(forged + frame(1, { proc: forged }))]);
    expect(rounds.map(texts)).toEqual([{ proc: forged }]);
  });

  it('takes a marker in the middle of a line for text', () => {
    const text = `x #${nonce} end 1\ny #${nonce} e proc 0\n`;
    expect(readAll([Buffer.from(frame(1, { proc: text }))]).map(texts)).toEqual([{ proc: text }]);
  });

  it('leaves a part without its end out of the round', () => {
    const broken = `\n#${nonce} begin 1\n\n#${nonce} p units\nhalf\n\n#${nonce} p df\nwhole\n\n#${nonce} e df 0\n\n#${nonce} end 1\n`;
    expect(readAll([Buffer.from(broken)]).map(texts)).toEqual([{ df: 'whole\n' }]);
  });

  it('drops a round whose number does not rise, and says so', () => {
    const reader = new FrameReader(nonce);
    const rounds = reader.push(Buffer.from(frame(3, { proc: 'new\n' }) + frame(2, { proc: 'old\n' }) + frame(3, { proc: 'twin\n' })));
    expect(rounds.map(texts)).toEqual([{ proc: 'new\n' }]);
    expect(reader.takeDropped()).toHaveLength(2);
    expect(reader.takeDropped()).toHaveLength(0);
  });

  it('passes over an end without its begin', () => {
    expect(
      readAll([Buffer.from(`\n#${nonce} p proc\nx\n#${nonce} e proc 0\n\n#${nonce} end 1\n${frame(2, { proc: 'y\n' })}`)]).map(texts),
    ).toEqual([{ proc: 'y\n' }]);
  });

  it('starts a round anew when its first attempt was cut by a second begin', () => {
    const cut = `\n#${nonce} begin 1\n\n#${nonce} p proc\nlost`;
    expect(readAll([Buffer.from(cut + frame(1, { proc: 'kept\n' }))]).map(texts)).toEqual([{ proc: 'kept\n' }]);
  });

  it('drops a flood beyond its cap with the reason, keeps no memory of it, and reads the next round', () => {
    const reader = new FrameReader(nonce, { maxBytes: 10_000 });
    expect(reader.push(Buffer.from(`\n#${nonce} begin 1\n\n#${nonce} p proc\n`))).toEqual([]);
    expect(reader.push(Buffer.alloc(1_000_000, 'x'))).toEqual([]);
    expect(reader.takeDropped()[0]).toBe('more than 10000 bytes came without the end of a round');
    expect(reader.push(Buffer.from(`\n#${nonce} e proc 0\n\n#${nonce} end 1\n`))).toEqual([]);
    expect(reader.push(Buffer.from(frame(2, { proc: 'y\n' }))).map(texts)).toEqual([{ proc: 'y\n' }]);
  });

  it('survives any bytes between rounds', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        const rounds = readAll([
          Buffer.from(noise),
          Buffer.from(frame(1, { proc: 'x\n' })),
          Buffer.from(noise),
          Buffer.from(frame(2, { proc: 'y\n' })),
        ]);
        expect(rounds.map(texts)).toEqual([{ proc: 'x\n' }, { proc: 'y\n' }]);
      }),
    );
  });

  it('refuses a nonce that is none', () => {
    expect(() => new FrameReader('x')).toThrow('16 hexadecimal digits');
  });
});
