/** What a text can be held against: a regular expression of RE2, read by `config/pattern.ts`. */
export interface Pattern {
  /** As the file has it. */
  readonly source: string;
  /** Whether it stands anywhere in the text. @throws Error when both together are too long */
  test(text: string): boolean;
  /** What its named groups are where it stands in the text; `null` where it does not. */
  exec(text: string): { readonly groups?: Readonly<Record<string, string | undefined>> | undefined } | null;
}

/** A pattern of text that is never shown or kept. */
export interface Redaction {
  /** As the file has it. */
  readonly source: string;
  /** The text with `by` wherever something matched; an empty match is none. */
  replaceAll(text: string, by: string): string;
}
