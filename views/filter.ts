import { single } from 'fuzzysort';
import type { HostView } from '../src/fleet/view.ts';

/** One word of the filter line; all of them must hold. */
export interface FilterTerm {
  readonly kind: 'text' | 'inverse' | 'fuzzy' | 'label';
  readonly text: string;
  /** Of a label term. */
  readonly key: string;
}

const fuzzyThreshold = 0.2;

/** `web` substring · `!web` inverse · `~wb1` fuzzy · `zone=us-east1` label, or one of env, role, zone, name, source, reach, health. */
export function parseFilter(filter: string): FilterTerm[] {
  return filter
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '!' && word !== '~')
    .map((word) => {
      const lower = word.toLowerCase();
      if (lower.startsWith('!')) return { kind: 'inverse', text: lower.slice(1), key: '' };
      if (lower.startsWith('~')) return { kind: 'fuzzy', text: lower.slice(1), key: '' };
      const equals = lower.indexOf('=');
      if (equals > 0) return { kind: 'label', text: lower.slice(equals + 1), key: lower.slice(0, equals) };
      return { kind: 'text', text: lower, key: '' };
    });
}

/** How a term is shown while it is in force. */
export function chipText(term: FilterTerm): string {
  if (term.kind === 'label') return `${term.key}=${term.text}`;
  return `${term.kind === 'inverse' ? '!' : term.kind === 'fuzzy' ? '~' : ''}${term.text}`;
}

const haystacks = new WeakMap<HostView, string>();

function haystack(view: HostView): string {
  const known = haystacks.get(view);
  if (known !== undefined) return known;
  const { host } = view;
  const parts = [host.name, host.role, host.env, host.zone, host.address, ...view.services.map((service) => service.name)];
  const text = parts
    .filter((part) => part !== null)
    .join('\n')
    .toLowerCase();
  haystacks.set(view, text);
  return text;
}

function labelOf(view: HostView, key: string): string | null {
  switch (key) {
    case 'name':
      return view.host.name;
    case 'role':
      return view.host.role;
    case 'env':
      return view.host.env;
    case 'zone':
      return view.host.zone;
    case 'source':
      return view.host.source;
    case 'reach':
      return view.reach.reach;
    case 'health':
      return view.verdict.health;
    default: {
      const found = Object.entries(view.host.labels).find(([name]) => name.toLowerCase() === key);
      return found === undefined ? null : found[1];
    }
  }
}

/** Whether something that is no host is shown: by its name (fuzzy), its texts, and its labels. */
export function matchesWords(
  words: { readonly name: string; readonly text: readonly string[]; readonly labels: Readonly<Record<string, string>> },
  terms: readonly FilterTerm[],
): boolean {
  if (terms.length === 0) return true;
  const text = words.text.join('\n').toLowerCase();
  return terms.every((term) => {
    switch (term.kind) {
      case 'text':
        return text.includes(term.text);
      case 'inverse':
        return !text.includes(term.text);
      case 'fuzzy':
        return (single(term.text, words.name)?.score ?? 0) >= fuzzyThreshold;
      case 'label': {
        const found = Object.entries(words.labels).find(([name]) => name.toLowerCase() === term.key);
        return found?.[1].toLowerCase() === term.text;
      }
    }
  });
}

/** Whether a host is shown under these terms. */
export function matches(view: HostView, terms: readonly FilterTerm[]): boolean {
  return terms.every((term) => {
    switch (term.kind) {
      case 'text':
        return haystack(view).includes(term.text);
      case 'inverse':
        return !haystack(view).includes(term.text);
      case 'fuzzy':
        return (single(term.text, view.host.name)?.score ?? 0) >= fuzzyThreshold;
      case 'label':
        return labelOf(view, term.key)?.toLowerCase() === term.text;
    }
  });
}
