/** Placeholder until the real sanitizer is merged: shows every control, format and separator character, cuts at `maxLength`. */
export function sanitizeLine(text: string, maxLength = 500): string {
  const clean = text
    .slice(0, maxLength * 2 + 100)
    .trim()
    .replaceAll('\t', ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
  return clean.length <= maxLength ? clean : `${clean.slice(0, Math.max(0, maxLength - 1))}…`;
}
