import { Composer, Lexer, Parser, type YAMLError } from 'yaml';
import type { SourceText, Span } from './source-text.ts';
import { visible } from './visible.ts';
import { type Finding, findSpan, type Path, toPlainData } from './yaml-data.ts';

export const maxYamlBytes = 256 * 1024;
const maxDepth = 32;

/** A YAML text as plain data, with the place of every part of it. */
export interface YamlTree {
  /** Objects without prototype, arrays, text, numbers, booleans and null. */
  readonly data: unknown;
  /** Where a part stands; a part that is not there is placed at the nearest key above it. */
  span(path: Path, at: 'key' | 'value'): Span;
}

/**
 * Reads untrusted YAML 1.2 (core schema): one document, no tags, no merge keys, at most 100 aliases and 32 levels, no prototype keys.
 * `tree` is `null` when the text is not YAML at all. Never throws.
 */
export function readYaml(source: SourceText): { readonly tree: YamlTree | null; readonly findings: readonly Finding[] } {
  if (Buffer.byteLength(source.text) > maxYamlBytes) {
    const message = `The file is larger than ${maxYamlBytes / 1024} KB.`;
    return { tree: null, findings: [{ span: { start: 0, end: 1 }, message, remedy: null }] };
  }
  const hidden = hiddenCharacter(source.text);
  if (hidden !== null) return { tree: null, findings: [hidden] };
  const tokens = tokensOf(source.text);
  if ('finding' in tokens) return { tree: null, findings: [tokens.finding] };
  const composer = new Composer({ schema: 'core', merge: false, uniqueKeys: false, strict: true, prettyErrors: false });
  const [document, second] = [...composer.compose(tokens.list, true, source.text.length)];
  if (document === undefined) return { tree: null, findings: [] };
  const errors = document.errors.map(yamlFinding);
  if (second !== undefined) {
    const start = second.range[0];
    errors.push({
      span: { start, end: start + 3 },
      message: 'A second YAML document begins here; the file must hold one.',
      remedy: 'Make a file of each.',
    });
  }
  if (errors.length > 0) return { tree: null, findings: errors };
  const root = document.contents;
  const { data, findings } = toPlainData(document, root, maxDepth);
  return { tree: { data, span: (path, at) => findSpan(document, root, path, at) }, findings };
}

type Tokens = ReturnType<Parser['parse']> extends Generator<infer T, unknown> ? T[] : never;

/** Concrete syntax, given up as soon as the nesting is too deep, so that no later step recurses without bound. */
function tokensOf(text: string): { list: Tokens } | { finding: Finding } {
  const parser = new Parser();
  const list: Tokens = [];
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) list.push(token);
    if (parser.stack.length <= maxDepth) continue;
    const depth = parser.stack.filter((token) => /^(block|flow)-/.test(token.type)).length;
    if (depth <= maxDepth) continue;
    const start = Math.max(0, Math.min(parser.offset, text.length) - 1);
    return {
      finding: { span: { start, end: start + 1 }, message: `This is nested deeper than ${maxDepth} levels.`, remedy: 'Write it flatter.' },
    };
  }
  for (const token of parser.end()) list.push(token);
  return { list };
}

/** Characters YAML does not allow (YAML 1.2.2, 5.1 c-printable), and direction marks that hide what a command does. */
function hiddenCharacter(text: string): Finding | null {
  const match = /(?![\t\n\r\x85])\p{Cc}|\p{Cs}|[\u202a-\u202e\u2066-\u2069\ufffe\uffff]/u.exec(text);
  if (match === null) return null;
  const code = (match[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const span = { start: match.index, end: match.index + 1 };
  return { span, message: `The hidden character U+${code} must not stand in this file.`, remedy: 'Delete it.' };
}

const remedies: Partial<Record<YAMLError['code'], string>> = {
  TAB_AS_INDENT: 'Indent with spaces.',
  BAD_INDENT: 'Give this line the same indent as its neighbours.',
  MULTILINE_IMPLICIT_KEY: 'Is a colon or a closing bracket missing on this line or the one above?',
  BLOCK_AS_IMPLICIT_KEY: 'Put the value in quotation marks, or begin a new line for the second key.',
  BAD_SCALAR_START: 'Put the value in quotation marks.',
  BAD_ALIAS: 'Put the value in quotation marks if it is text that begins with "*".',
};

function yamlFinding(error: YAMLError): Finding {
  const text = visible(error.message)
    .replace(/\s+/g, ' ')
    .replace(/[:.]?\s*$/, '');
  const span = { start: error.pos[0], end: Math.max(error.pos[0] + 1, error.pos[1]) };
  return { span, message: `This is not valid YAML: ${text}.`, remedy: remedies[error.code] ?? null };
}
