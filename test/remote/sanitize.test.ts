import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeOutput, isLookalikeRisk, sanitizeLine, sanitizeText, visibleName } from '../../src/remote/sanitize.ts';

const esc = '\x1b';

/** Attacks that passed Ink's own filter or other consoles' (see the advisories named). */
const corpus: readonly (readonly [string, string, string])[] = [
  ['OSC 8 with an OSC 52 inside', `${esc}]8;;${esc}]52;c;UFdORUQ=\x07x`, '\\x1b]8;;\\x1b]52;c;UFdORUQ=\\x07x'],
  ['OSC 8 with a C1 erase inside', `${esc}]8;;\x9b2J\x07x`, '\\x1b]8;;\\x9b2J\\x07x'],
  ['a window title', `${esc}]0;root@prod\x07`, '\\x1b]0;root@prod\\x07'],
  ['a title ended by ST', `${esc}]2;x${esc}\\`, '\\x1b]2;x\\x1b\\'],
  ['a clipboard write', `${esc}]52;c;eA==${esc}\\`, '\\x1b]52;c;eA==\\x1b\\'],
  ['an unterminated OSC that would hide the rest of the line', `a${esc}]8;;b`, 'a\\x1b]8;;b'],
  ['conceal', `${esc}[8msecret${esc}[0m`, '\\x1b[8msecret\\x1b[0m'],
  ['a device status request', `${esc}[6n`, '\\x1b[6n'],
  ['DCS and APC', `${esc}P$q"p${esc}\\${esc}_Gx${esc}\\`, '\\x1bP$q"p\\x1b\\\\x1b_Gx\\x1b\\'],
  ['C1 forms of CSI, OSC, DCS and ST', '\x9b\x9d\x90\x9c', '\\x9b\\x9d\\x90\\x9c'],
  ['a carriage return that overwrites the line (CVE-2021-25743)', 'rm -rf /\rls      ', 'rm -rf /\\x0dls      '],
  ['backspaces', 'evil\b\b\b\bgood', 'evil\\x08\\x08\\x08\\x08good'],
  ['NUL, BEL, VT, FF, DEL', '\0\x07\x0b\x0c\x7f', '\\x00\\x07\\x0b\\x0c\\x7f'],
  ['next line', 'a\x85b', 'a\\x85b'],
  ['bidi overrides and isolates (CVE-2021-42574)', 'a\u202eb\u2066c\u2069\u061c', 'a\\u{202e}b\\u{2066}c\\u{2069}\\u{61c}'],
  ['zero-width characters', 'we\u200bb1\u200d\u2060\ufeff', 'we\\u{200b}b1\\u{200d}\\u{2060}\\u{feff}'],
  ['line and paragraph separators', 'a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
  ['tag characters', 'ok\u{e0041}\u{e007f}', 'ok\\u{e0041}\\u{e007f}'],
  ['variation selectors that carry hidden bytes', 'a\u{e0100}\ufe0f', 'a\\u{e0100}\\u{fe0f}'],
  ['Hangul fillers, which draw nothing', 'a\u3164\u115f', 'a\\u{3164}\\u{115f}'],
  ['lone surrogates', 'a\ud800b\udc00', 'a\\u{d800}b\\u{dc00}'],
];

/** What the terminal may get from outside: tab, newline, and characters that draw themselves. */
function isSafe(text: string): boolean {
  return !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}]/u.test(text.replaceAll('\n', '').replaceAll('\t', ''));
}

describe('the sanitizer', () => {
  it.each(corpus)('shows %s instead of obeying it', (_what, attack, shown) => {
    expect(sanitizeText(attack)).toBe(shown);
  });

  it('leaves ordinary text of every language alone', () => {
    const text = 'plain\ttabbed\nGrüße, мир, 世界, 😀, ä (decomposed a\u0308), €\n';
    expect(sanitizeText(text)).toBe(text);
  });

  it('lets nothing unsafe through, whatever comes in', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.array(fc.constantFrom(...corpus.map(([, attack]) => attack))).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(anything, (text) => {
        expect(isSafe(sanitizeText(text))).toBe(true);
        expect(/[\n\t]/.test(sanitizeLine(text))).toBe(false);
        expect(isSafe(sanitizeLine(text))).toBe(true);
      }),
      { numRuns: Number(process.env.SANITIZE_ROUNDS ?? 2_000) },
    );
  });

  it('lets nothing unsafe through from any single character', () => {
    for (let code = 0; code <= 0x10ffff; code += 1) {
      const clean = sanitizeText(String.fromCodePoint(code));
      if (!isSafe(clean)) expect.fail(`U+${code.toString(16)} came through`);
    }
  });

  it('is idempotent', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => sanitizeText(sanitizeText(text)) === sanitizeText(text)));
  });

  it('makes newlines visible where only a line has room', () => {
    expect(sanitizeText('a\nb', { keepNewlines: false })).toBe('a\\x0ab');
    expect(sanitizeText('é\nb', { keepNewlines: false })).toBe('é\\x0ab');
    expect(sanitizeLine('  one\ttwo\nthree \r\n')).toBe('one two\\x0athree');
  });

  it('cuts long lines and never in the middle of a character', () => {
    expect(sanitizeLine('x'.repeat(600))).toHaveLength(500);
    expect(sanitizeLine('a😀b', 3)).toBe('a…');
  });
});

describe('decoding output', () => {
  it('shows bytes that are not UTF-8', () => {
    expect(decodeOutput(Buffer.from([0x61, 0xff, 0xc3, 0x28, 0xe2, 0x82, 0x62]))).toBe('a\\xff\\xc3(\\xe2\\x82b');
    expect(decodeOutput(Buffer.from([0xc0, 0x80, 0xed, 0xa0, 0x80, 0xf5]))).toBe('\\xc0\\x80\\xed\\xa0\\x80\\xf5');
  });

  it('agrees with UTF-8 wherever the bytes are valid, and is always safe', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => decodeOutput(Buffer.from(text)) === sanitizeText(text)));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => isSafe(decodeOutput(Buffer.from(bytes)))));
  });
});

describe('host names', () => {
  it('shows a look-alike letter as what it is (CVE-2021-42694)', () => {
    expect(visibleName('pr\u043ed-db1')).toBe('pr\\u{43e}d-db1');
    expect(isLookalikeRisk('pr\u043ed-db1')).toBe(true);
    expect(visibleName('web 1\x1b')).toBe('web\\x201\\x1b');
  });

  it('leaves ordinary names alone', () => {
    expect(visibleName('web-1.example.org')).toBe('web-1.example.org');
    expect(isLookalikeRisk('web-1.example.org')).toBe(false);
  });
});
