import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CappedOutput } from '../../src/remote/capped-output.ts';
import { decodeOutput } from '../../src/remote/sanitize.ts';

function captured(cap: number, chunks: readonly Buffer[]): CappedOutput {
  const output = new CappedOutput(cap);
  for (const chunk of chunks) output.push(chunk);
  return output;
}

describe('capped output', () => {
  it('keeps everything below the cap, however it is cut into chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 10 }), (arrays) => {
        const chunks = arrays.map((array) => Buffer.from(array));
        const output = captured(400, chunks);
        expect(output.droppedBytes).toBe(0);
        expect(output.text()).toBe(decodeOutput(Buffer.concat(chunks)));
      }),
    );
  });

  it('keeps the first and the last half above it and counts the rest', () => {
    const text = fc.array(fc.string({ unit: fc.constantFrom(...'abcdefgh'), maxLength: 60 }), { maxLength: 12 });
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 40 }), (parts, cap) => {
        const whole = parts.join('');
        const half = Math.floor(cap / 2);
        const output = captured(
          cap,
          parts.map((part) => Buffer.from(part)),
        );
        const dropped = Math.max(0, whole.length - 2 * half);
        expect(output.droppedBytes).toBe(dropped);
        if (dropped > 0) expect(output.text()).toBe(`${whole.slice(0, half)}\n… ${dropped} bytes not kept …\n${whole.slice(-half)}`);
      }),
    );
  });

  it('cuts at whole characters', () => {
    const output = captured(10, [Buffer.from('é'.repeat(40))]);
    expect(output.text()).toBe('éé\n… 70 bytes not kept …\néé');
  });
});
