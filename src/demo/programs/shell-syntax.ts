/** One program call of a shell text, with where its outputs go. */
export interface SimpleCommand {
  readonly argv: readonly string[];
  readonly stdout: 'here' | 'dropped';
  readonly stderr: 'here' | 'dropped' | 'stdout';
}

/** Programs joined by `|`, and what joins them to the ones before. */
export interface Pipeline {
  readonly when: 'always' | 'ok' | 'failed';
  readonly commands: readonly SimpleCommand[];
}

type Token = { readonly kind: 'word'; readonly text: string } | { readonly kind: 'operator'; readonly text: string };

/**
 * The part of the shell's grammar that a console sends: words with quotes, `&& || ; | &` and newlines, redirections to /dev/null.
 * Anything else (substitutions, loops) stays literal text, which then is no program the machine knows.
 */
export function parseShell(text: string): Pipeline[] {
  const pipelines: Pipeline[] = [];
  let when: Pipeline['when'] = 'always';
  let commands: SimpleCommand[] = [];
  let words: string[] = [];
  const endCommand = (): void => {
    if (words.length > 0) commands.push(toCommand(words));
    words = [];
  };
  const endPipeline = (next: Pipeline['when']): void => {
    endCommand();
    if (commands.length > 0) pipelines.push({ when, commands });
    commands = [];
    when = next;
  };
  for (const token of tokens(text)) {
    if (token.kind === 'word') words.push(token.text);
    else if (token.text === '|') endCommand();
    else endPipeline(token.text === '&&' ? 'ok' : token.text === '||' ? 'failed' : 'always');
  }
  endPipeline('always');
  return pipelines;
}

/** Marks a redirection among words; no quoted word can begin with it. */
const redirection = '\0';

function toCommand(words: readonly string[]): SimpleCommand {
  const argv: string[] = [];
  let stdout: SimpleCommand['stdout'] = 'here';
  let stderr: SimpleCommand['stderr'] = 'here';
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (!word.startsWith(redirection)) {
      argv.push(word);
      continue;
    }
    const operator = word.slice(1);
    if (operator === '2>&1') stderr = 'stdout';
    else if (operator !== '>&2') at += 1;
    if (operator === '>' || operator === '1>' || operator === '>>' || operator === '&>') stdout = 'dropped';
    if (operator === '2>' || operator === '2>>' || operator === '&>') stderr = 'dropped';
  }
  return { argv, stdout, stderr };
}

function* tokens(text: string): Generator<Token> {
  let word: string | null = null;
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at, at + 4);
    const character = rest[0] ?? '';
    const redirect =
      word === null || /^\d$/.test(word) ? /^(?:2>&1|>&2|&>|[12]?>>?|<)/.exec(word === null ? rest : word + rest)?.[0] : undefined;
    if (redirect !== undefined && /[<>]/.test(redirect)) {
      at += redirect.length - (word?.length ?? 0);
      word = null;
      yield { kind: 'word', text: redirection + redirect };
    } else if (character === "'") {
      const end = closing(text, at + 1, "'");
      word = (word ?? '') + text.slice(at + 1, end);
      at = end + 1;
    } else if (character === '"') {
      const end = closing(text, at + 1, '"');
      word = (word ?? '') + text.slice(at + 1, end).replaceAll(/\\([$`"\\])/g, '$1');
      at = end + 1;
    } else if (character === '\\') {
      if (text[at + 1] !== '\n') word = (word ?? '') + (text[at + 1] ?? '');
      at += 2;
    } else if (/[\s;|&]/.test(character)) {
      if (word !== null) yield { kind: 'word', text: word };
      word = null;
      const operator = /^(?:&&|\|\||[;|&\n])/.exec(rest)?.[0];
      if (operator !== undefined) yield { kind: 'operator', text: operator };
      at += operator?.length ?? 1;
    } else {
      word = (word ?? '') + character;
      at += 1;
    }
  }
  if (word !== null) yield { kind: 'word', text: word };
}

function closing(text: string, from: number, quote: string): number {
  for (let at = from; at < text.length; at += 1) {
    if (quote === '"' && text[at] === '\\') at += 1;
    else if (text[at] === quote) return at;
  }
  return text.length;
}
