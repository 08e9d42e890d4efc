import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Span } from './source-text.ts';
import { quoted } from './visible.ts';

/** Keys and list indexes from the root. */
export type Path = readonly (string | number)[];

/** Something wrong at a place of the text. */
export interface Finding {
  readonly span: Span;
  readonly message: string;
  readonly remedy: string | null;
}

const maxAliases = 100;
/** More than any honest file of 256 KB holds twice over; a bomb passes it at once. */
const maxParts = 100_000;
/** Controls that an escape such as "\e" brings in, but for tab and line feed, and direction marks. */
const control = /(?![\t\n])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u;
const prototypeKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** Turns nodes into data that carries no prototype, following aliases within bounds. */
export function toPlainData(document: Document, root: Node | null, maxDepth: number): { data: unknown; findings: Finding[] } {
  const findings: Finding[] = [];
  let aliases = 0;
  let parts = 0;
  let spent = false;
  const reported = new Set<Node>();

  function report(node: Node, message: string, remedy: string | null = null): null {
    if (!reported.has(node)) findings.push({ span: spanOf(node), message, remedy });
    reported.add(node);
    return null;
  }

  function convert(node: Node, depth: number): unknown {
    parts += 1;
    if (spent) return null;
    if (depth > maxDepth) return report(node, `This is nested deeper than ${maxDepth} levels.`, 'Write it flatter.');
    if (parts > maxParts) {
      spent = true;
      return report(node, 'The aliases of this file expand to too much.', 'Write the values out.');
    }
    if (isAlias(node)) return convertAlias(node, depth);
    if (!isScalar(node) && node.tag !== undefined && !isImplicitTag(node.tag))
      return report(node, tagMessage(node.tag), 'Leave the tag away.');
    if (isMap(node)) return convertMap(node.items, depth);
    if (isSeq(node)) return node.items.map((item) => (isNode(item) ? convert(item, depth + 1) : null));
    if (!isScalar(node)) return null;
    if (node.tag !== undefined) return report(node, tagMessage(node.tag), 'Leave the tag away.');
    const value = node.value;
    if (typeof value === 'string' && control.test(value)) {
      return report(node, 'This value holds a control character.', 'Leave it out.');
    }
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  }

  function convertAlias(node: Node & { source: string }, depth: number): unknown {
    aliases += 1;
    if (aliases > maxAliases) return report(node, `The file uses more than ${maxAliases} aliases.`, 'Write the values out.');
    const target = isAlias(node) ? node.resolve(document) : undefined;
    if (target === undefined) return report(node, `There is no anchor ${quoted(`&${node.source}`)} above this alias.`);
    return convert(target, depth + 1);
  }

  function convertMap(items: readonly Pair[], depth: number): unknown {
    const out: Record<string, unknown> = Object.create(null);
    for (const pair of items) {
      if (!isNode(pair.key)) continue;
      const key = keyText(pair.key);
      if (key === null) report(pair.key, 'A key must be plain text.', 'Put it in quotation marks.');
      else if (control.test(key)) report(pair.key, 'This key holds a control character.', 'Leave it out.');
      else if (key === '<<') report(pair.key, 'Merge keys are not used here.', 'Write the keys out.');
      else if (prototypeKeys.has(key)) report(pair.key, `The key ${quoted(key)} is not allowed.`, 'Give it another name.');
      else if (key in out) report(pair.key, `The key ${quoted(key)} is given twice.`, 'Keep one of them.');
      else out[key] = isNode(pair.value) ? convert(pair.value, depth + 1) : null;
    }
    return out;
  }

  const data = root === null ? null : convert(root, 1);
  return { data, findings };
}

/** Place of a part of the data; of the nearest key above when the part is not there. */
export function findSpan(document: Document, root: Node | null, path: Path, at: 'key' | 'value'): Span {
  let node: Node | null = root;
  let span: Span = root === null ? { start: 0, end: 0 } : firstLineOf(root);
  for (const [index, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document) ?? null;
    const last = index === path.length - 1;
    if (isMap(node)) {
      const pair = pairsOf(node).get(String(step));
      if (pair === undefined || !isNode(pair.key)) return span;
      span = spanOf(pair.key);
      node = isNode(pair.value) ? pair.value : null;
    } else if (isSeq(node) && typeof step === 'number') {
      const item: unknown = node.items[step];
      if (!isNode(item)) return span;
      span = firstLineOf(item);
      node = item;
    } else {
      return span;
    }
    if (last && at === 'value' && node !== null) return spanOf(node);
  }
  return span;
}

const pairIndex = new WeakMap<YAMLMap, Map<string, Pair>>();

/** First pair of each key, kept per map: a file may have tens of thousands of wrong keys in one map. */
function pairsOf(map: YAMLMap): Map<string, Pair> {
  const known = pairIndex.get(map);
  if (known !== undefined) return known;
  const made = new Map<string, Pair>();
  for (const pair of map.items) {
    const key = isNode(pair.key) ? keyText(pair.key) : null;
    if (key !== null && !made.has(key)) made.set(key, pair);
  }
  pairIndex.set(map, made);
  return made;
}

function keyText(key: Node): string | null {
  if (!isScalar(key) || key.tag !== undefined) return null;
  if (typeof key.value === 'string') return key.value;
  return key.source === undefined || key.source === '' ? null : key.source;
}

function spanOf(node: Node): Span {
  const [start, end] = node.range ?? [0, 0];
  return { start, end: Math.max(start + 1, end) };
}

/** A list item that is a map is pointed at by its first key, not by all its lines. */
function firstLineOf(node: Node): Span {
  if (!isMap(node)) return spanOf(node);
  const first: unknown = node.items[0];
  return isPair(first) && isNode(first.key) ? spanOf(first.key) : spanOf(node);
}

function isImplicitTag(tag: string): boolean {
  return tag === 'tag:yaml.org,2002:map' || tag === 'tag:yaml.org,2002:seq';
}

function tagMessage(tag: string): string {
  return `Tags such as ${quoted(tag.replace('tag:yaml.org,2002:', '!!'))} are not used here.`;
}
