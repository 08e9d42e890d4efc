import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { patternOf, whyNoPattern } from '../config/pattern.ts';

/** A value that a dry run, or a step that did not run, leaves open. Never true, never false. */
export const unknown: unique symbol = Symbol('unknown');

/** Names an expression can see; a value may itself be `unknown`, at any depth of maps. */
export type Scope = Readonly<Record<string, unknown>>;

/** What an expression is worth: `unknown` when what it needs is, `wrong` when it cannot be evaluated, with the reason. */
export type Truth =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'unknown'; readonly because: string }
  | { readonly kind: 'wrong'; readonly why: string };

const limits = { maxAstNodes: 500, maxDepth: 32, maxListElements: 1000, maxMapEntries: 1000 };

/**
 * The library's own `matches` goes back over the text without end and cannot be replaced under its name (8.0.0), so expressions are turned
 * to this one before they are evaluated. No expression can name it: names begin with a letter.
 */
const matchesByRe2 = '0matches';

/** CEL with numbers from outside as doubles, and `number(text)`; mixed arithmetic, because a person writes `value / 2`. */
const cel = makeEnvironment();

function makeEnvironment(): Environment {
  const environment = new Environment({ unlistedVariablesAreDyn: true, limits })
    .registerFunction('number(dyn): double', toNumber)
    .registerFunction(`string.${matchesByRe2}(string): bool`, (text: string, pattern: string) => holds(pattern, text));
  const operators: readonly (readonly [string, (a: number, b: number) => number])[] = [
    ['+', (a, b) => a + b],
    ['-', (a, b) => a - b],
    ['*', (a, b) => a * b],
    ['/', (a, b) => a / b],
  ];
  for (const [operator, apply] of operators) {
    const mixed = (a: unknown, b: unknown): number => apply(Number(a), Number(b));
    environment.registerOperator(`double ${operator} int`, mixed);
    environment.registerOperator(`int ${operator} double`, mixed);
  }
  return environment;
}

function holds(pattern: string, text: string): boolean {
  const why = whyNoPattern(pattern);
  if (why !== null) throw new Error(`${JSON.stringify(pattern.slice(0, 60))} is no regular expression: ${why}`);
  return patternOf(pattern).test(text);
}

/** Turns every `matches` of an expression to ours. */
function byRe2(node: ASTNode): void {
  if (node.op === 'rcall' && node.args[0] === 'matches') node.args[0] = matchesByRe2;
  for (const child of childrenOf(node)) byRe2(child);
}

function toNumber(value: unknown): number {
  const text = typeof value === 'string' ? value.trim() : value;
  const number =
    typeof text === 'string' && text !== '' ? Number(text) : typeof text === 'number' || typeof text === 'bigint' ? Number(text) : NaN;
  if (!Number.isFinite(number)) throw new Error(`${JSON.stringify(String(value).slice(0, 40))} is not a number`);
  return number;
}

/** Why a text is no expression; `null` when it is one. */
export function expressionFault(text: string): string | null {
  try {
    cel.parse(text);
    return null;
  } catch (error) {
    return firstLine(error);
  }
}

/** Names that an expression reads, without those its own macros bind: `before.out` reads `before`. Empty when it does not parse. */
export function namesIn(text: string): readonly string[] {
  try {
    const names = new Set<string>();
    collect(cel.parse(text).ast, new Set(), names);
    return [...names];
  } catch {
    return [];
  }
}

export interface PatternFault {
  /** As it stands in the expression, without its quotes. */
  readonly written: string;
  readonly why: string;
}

/** The literal patterns of `matches(…)` that the evaluation would refuse. Empty when the expression does not parse. */
export function patternFaults(text: string): readonly PatternFault[] {
  try {
    return faultsWithin(cel.parse(text).ast);
  } catch {
    return [];
  }
}

function faultsWithin(node: ASTNode): readonly PatternFault[] {
  const pattern = node.op === 'rcall' && node.args[0] === 'matches' ? node.args[2][0] : undefined;
  const own = pattern?.op === 'value' && typeof pattern.args === 'string' ? whyNoPattern(pattern.args) : null;
  const below = childrenOf(node).flatMap(faultsWithin);
  if (own === null || pattern === undefined) return below;
  const { input, range } = pattern;
  const written = /^r?(?<quote>"""|'''|"|')(?<inner>[^]*)\k<quote>$/.exec(input.slice(range.start, range.end))?.groups?.['inner'];
  return [{ written: written ?? '', why: own }, ...below];
}

/** Evaluates with three values: `false && unknown` is false, `true && unknown` is unknown (Kleene's logic, as CEL's own partial state). */
export function evaluate(text: string, scope: Scope): Truth {
  try {
    return worth(cel.parse(text).ast, scope);
  } catch (error) {
    return { kind: 'wrong', why: firstLine(error) };
  }
}

/** As `evaluate`, for a condition: anything but true and false is wrong. */
export function condition(text: string, scope: Scope): Truth {
  const truth = evaluate(text, scope);
  if (truth.kind !== 'value' || typeof truth.value === 'boolean') return truth;
  return { kind: 'wrong', why: `${text} is ${JSON.stringify(plain(truth.value))}, neither true nor false` };
}

/** A value of CEL as plain JSON: its integers are bigint. */
export function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, each]) => [String(key), plain(each)]));
  return value;
}

function shown(value: unknown): string {
  return JSON.stringify(plain(value)) ?? String(value);
}

function worth(node: ASTNode, scope: Scope): Truth {
  if (node.op === '&&' || node.op === '||') {
    const deciding = node.op === '||';
    const [left, right] = node.args.map((each) => worth(each, scope));
    if (left === undefined || right === undefined) return { kind: 'wrong', why: 'it has only one side' };
    const odd = [left, right].find((side) => side.kind === 'value' && typeof side.value !== 'boolean');
    if (odd?.kind === 'value') return { kind: 'wrong', why: `${node.op} of ${shown(odd.value)}, which is neither true nor false` };
    const decided = [left, right].find((side) => side.kind === 'value' && side.value === deciding);
    return decided ?? [left, right].find((side) => side.kind !== 'value') ?? right;
  }
  if (node.op === '!_') {
    const inner = worth(node.args, scope);
    if (inner.kind !== 'value') return inner;
    if (typeof inner.value !== 'boolean') return { kind: 'wrong', why: `! of ${shown(inner.value)}, which is neither true nor false` };
    return { kind: 'value', value: !inner.value };
  }
  if (node.op === '?:') {
    const [question, yes, no] = node.args;
    const answer = worth(question, scope);
    if (answer.kind !== 'value') return answer;
    if (typeof answer.value !== 'boolean') return { kind: 'wrong', why: `? of ${shown(answer.value)}, which is neither true nor false` };
    return worth(answer.value ? yes : no, scope);
  }
  const open = openName(node, scope);
  if (open !== null) return { kind: 'unknown', because: open };
  try {
    const parsed = cel.parse(textOf(node));
    byRe2(parsed.ast);
    const value: unknown = parsed({ ...scope });
    return { kind: 'value', value };
  } catch (error) {
    return { kind: 'wrong', why: firstLine(error) };
  }
}

/**
 * A part of an expression as its text. The library's range of `(a + 1) * 2` begins behind the bracket, and its `serialize` writes
 * `a - (b - c)` without them (8.0.0), so the range is widened over the brackets beside it until it parses.
 */
function textOf({ input, range }: ASTNode): string {
  const before = /[\s(]*$/.exec(input.slice(0, range.start))?.[0].length ?? 0;
  const after = /^[\s)]*/.exec(input.slice(range.end))?.[0].length ?? 0;
  for (let left = 0; left <= before; left += 1) {
    for (let right = 0; right <= after; right += 1) {
      const text = input.slice(range.start - left, range.end + right);
      if (expressionFault(text) === null) return text;
    }
  }
  return input.slice(range.start, range.end);
}

/** The first name in an expression whose value is unknown, as written; `null` when all are known. */
function openName(node: ASTNode, scope: Scope): string | null {
  const paths: string[][] = [];
  collectPaths(node, new Set(), paths);
  for (const path of paths) {
    let here: unknown = scope;
    for (const [index, step] of path.entries()) {
      here = typeof here === 'object' && here !== null ? Reflect.get(here, step) : undefined;
      if (here === unknown) return path.slice(0, index + 1).join('.');
    }
  }
  return null;
}

function collect(node: ASTNode, bound: ReadonlySet<string>, names: Set<string>): void {
  const paths: string[][] = [];
  collectPaths(node, bound, paths);
  for (const [name] of paths) if (name !== undefined) names.add(name);
}

function collectPaths(node: ASTNode, bound: ReadonlySet<string>, paths: string[][]): void {
  const path = pathOf(node);
  if (path !== null) {
    if (!bound.has(path[0] ?? '')) paths.push(path);
    return;
  }
  const inner = boundBy(node, bound);
  for (const child of childrenOf(node)) collectPaths(child, inner, paths);
}

/** `a.b.c` as its parts; `null` for anything else. */
function pathOf(node: ASTNode): string[] | null {
  if (node.op === 'id') return [node.args];
  if (node.op !== '.') return null;
  const below = pathOf(node.args[0]);
  return below === null ? null : [...below, node.args[1]];
}

const macros = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

function boundBy(node: ASTNode, bound: ReadonlySet<string>): ReadonlySet<string> {
  if (node.op !== 'rcall' || !macros.has(node.args[0])) return bound;
  const [first] = node.args[2];
  return first?.op === 'id' ? new Set([...bound, first.args]) : bound;
}

function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'map':
      return node.args.flat();
    case '!_':
    case '-_':
      return [node.args];
    default:
      return node.args;
  }
}

function firstLine(error: unknown): string {
  const line = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]?.trim() ?? 'it cannot be evaluated';
  return line.replaceAll(matchesByRe2, 'matches');
}
