import type { PlaybookPlan } from '../../src/playbook/dry/plan.ts';
import { duration } from '../format.ts';
import { knownInputs, offeredPlaybook } from '../playbook-start.ts';
import type { Scene } from '../scene.ts';
import type { ScreenEntry } from '../state.ts';
import { blank, type Line, line, span } from '../terminal/line.ts';
import { paint } from '../terminal/paint.ts';
import { wrap } from '../terminal/width.ts';
import { glyphOf, type Token } from '../theme.ts';
import { reviewedWords } from './playbooks-screen.ts';

/** A playbook as it is read on paper: when to use it, its inputs, its steps in their order. */
export function playbookScreen(scene: Scene, screen: Extract<ScreenEntry, { kind: 'playbook' }>, height: number): string[] {
  const { columns, theme, viewport, console } = scene;
  const looker = { console, fleet: () => scene.fleet };
  const offer = offeredPlaybook(looker, screen.playbookId, screen);
  const lines: Line[] = [];
  if (offer === null) lines.push(line('This playbook is gone from its folder.', 'warn'));
  else {
    const known = Object.entries(knownInputs(looker, offer, screen.hostIds));
    const { text, stale } = reviewedWords(offer.file.playbook.reviewed, scene.now);
    lines.push(
      ...(offer.because.length === 0
        ? []
        : wrap(`Suggested because of ${offer.because.join(', ')}.`, columns - 3).map((part) => line(part, 'accent'))),
      ...(known.length === 0 ? [] : [line(`Filled in already: ${known.map(([name, value]) => `${name} ${value}`).join(', ')}.`, 'accent')]),
      ...planLines(console.playbooks.plan(offer.file.playbook, Object.fromEntries(known)), columns - 3),
      ...(stale ? [line(`${glyphOf('warn')} Nobody has walked it for ${text.replace(' stale', '')}: read it with care.`, 'warn')] : []),
      ...(lines.length > 0 ? [blank] : []),
      ...console.playbooks
        .page(offer.file.playbook)
        .trimEnd()
        .split('\n')
        .flatMap((text) => pageLines(text, columns - 3)),
    );
  }
  viewport.maxTop = Math.max(0, lines.length - height);
  viewport.top = Math.min(screen.scroll, viewport.maxTop);
  viewport.bodyRows = height;
  return lines.slice(viewport.top, viewport.top + height).map((spans) => paint(theme, [span(' '), ...spans], columns));
}

/** The dry plan in short: how long it can take, what it holds meanwhile, what it owes on the way. Nobody is asked for it. */
function planLines({ longest, locks, debts }: PlaybookPlan, width: number): Line[] {
  const words = [
    `takes at most ${duration(longest.ms)}${longest.without.length === 0 ? '' : ' and what people need'}`,
    ...(locks.length === 0 ? [] : [`holds ${locks.join(', ')}`]),
    ...debts.map((debt) => `owes on the way: ${debt.what}`),
  ];
  return wrap(`As planned: ${words.join('; ')}.`, width).map((part) => line(part, 'dim'));
}

/** A line of the page wrapped under its own indentation, with the marks that only paper needs taken off. */
function pageLines(text: string, width: number): Line[] {
  const heading = /^(#+) (.*)$/.exec(text);
  if (heading !== null) return wrap(heading[2] ?? '', width).map((part) => line(part, heading[1] === '#' ? 'strong' : 'accent'));
  const indent = /^ *(?:- (?:\[ \] )?|\d+\. )?/.exec(text)?.[0] ?? '';
  const inner = styled(text.slice(indent.length));
  // Half of what a printed page indents by is enough here.
  const lead = `${' '.repeat(Math.floor((indent.length - indent.trimStart().length) / 2))}${indent.trimStart()}`;
  const rows = wrap(inner.map(({ text: part }) => part).join(''), Math.max(20, width - lead.length));
  let at = 0;
  return rows.map((row, index): Line => {
    const spans = cut(inner, at, row.length);
    at += row.length + 1;
    return [span(index === 0 ? lead : ' '.repeat(lead.length), 'dim'), ...spans];
  });
}

/** `code` and **strong** without their marks. */
function styled(text: string): readonly { readonly text: string; readonly token: Token }[] {
  return text
    .split(/(`+ ?[^`]+? ?`+|\*\*[^*]+\*\*)/)
    .filter((part) => part !== '')
    .map((part) => {
      if (part.startsWith('`')) return { text: part.replaceAll(/^`+|`+$/g, ''), token: 'key' as const };
      if (part.startsWith('**')) return { text: part.slice(2, -2), token: 'strong' as const };
      return { text: part, token: 'text' as const };
    });
}

/** `length` characters of the spans from the one at `from`. */
function cut(spans: readonly { readonly text: string; readonly token: Token }[], from: number, length: number): Line {
  const out: { text: string; token: Token }[] = [];
  let start = 0;
  for (const part of spans) {
    const text = part.text.slice(Math.max(0, from - start), Math.max(0, from + length - start));
    if (text !== '') out.push({ text, token: part.token });
    start += part.text.length;
  }
  return out;
}
