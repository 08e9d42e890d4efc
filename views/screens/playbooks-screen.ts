import type { Suggested } from '../../src/playbook/suggest.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { type Column, layOut, tableHeader, tableRow } from '../components/table.ts';
import { age, plural } from '../format.ts';
import { chosenAt } from '../playbook-lists.ts';
import { heldOffers, knownInputs, offeredPlaybooks } from '../playbook-start.ts';
import type { Scene } from '../scene.ts';
import type { ScreenEntry } from '../state.ts';
import { fitLine, type Line, line, span } from '../terminal/line.ts';
import { clip } from '../terminal/width.ts';
import { glyphOf } from '../theme.ts';
import { drawListed, headLine, type ListedLine, noteLines, rowLine } from './listed-lines.ts';
import { longest, textColumn } from './small-table.ts';

type PlaybooksEntry = Extract<ScreenEntry, { kind: 'playbooks' }>;

/** A page that nobody walked for so long is marked. */
const staleDays = 180;
const dayMs = 86_400_000;
const indent = 5;

/** Every playbook of the folder, the suggested ones first with why; what could not be read stands below. The chosen one unfolds. */
export function playbooksScreen(scene: Scene, screen: PlaybooksEntry, height: number): string[] {
  const { columns, console } = scene;
  const looker = { console, fleet: () => scene.fleet };
  const offers = heldOffers(offeredPlaybooks(looker, screen), scene.ui);
  const { problems, folder } = console.playbooks.library();
  const names = screen.hostIds.flatMap((id) => scene.fleet.byId.get(id)?.host.name ?? []);
  const alert = scene.fleet.alerts.find(({ id }) => id === screen.alert);
  const about = alert === undefined ? names.join(' ') : `alert ${alert.name}${alert.hostName === null ? '' : ` on ${alert.hostName}`}`;
  const suggested = offers.filter((offer) => offer.score > 0).length;
  const title: Line = [
    span(' playbooks  ', 'strong'),
    span(clip(about === '' ? 'for nothing in particular' : `for ${about}`, 40), 'dim'),
    span(`   ${suggested} suggested of ${offers.length}`, 'dim'),
    ...(problems.length === 0 ? [] : [span(`   ${plural(problems.length, 'problem')} below`, 'warn')]),
  ];
  const width = columns - 2;
  const placed = layOut(columnsFor(offers, scene.now), width, 2);
  const at = chosenAt(
    offers.map((offer) => offer.file.playbook.id),
    screen.cursor,
  );
  const lines: ListedLine[] = [headLine(title), headLine([span(' '), ...tableHeader(placed, 2)])];
  for (const [index, offer] of offers.entries()) {
    const { id } = offer.file.playbook;
    lines.push(rowLine(id, fitLine([span(' '), ...tableRow(placed, offer, 2)], width + 1)));
    if (index === at) lines.push(...unfolded(offer, knownInputs(looker, offer, screen.hostIds), width).map((spans) => rowLine(id, spans)));
  }
  if (offers.length === 0) {
    const why = folder === null ? 'The fleet file names no folder of playbooks (playbooks: FOLDER).' : `There is no playbook in ${folder}.`;
    lines.push(...noteLines(why, 1, width, 'dim').map(headLine));
  }
  for (const problem of problems) {
    const [first = '', ...rest] = formatProblem({ ...problem, excerpt: '' }).split('\n');
    lines.push({ spans: [span(` ${glyphOf('warn')} `, 'warn'), ...line(first, 'warn')], key: null, heads: false });
    lines.push(...rest.map((text) => ({ spans: line(`   ${text}`, 'warn'), key: null, heads: false })));
  }
  return drawListed(scene, lines, offers[at]?.file.playbook.id ?? null, height);
}

function unfolded(offer: Suggested, known: Readonly<Record<string, string>>, width: number): Line[] {
  const { playbook } = offer.file;
  const inputs = playbook.inputs.map(
    (input) =>
      `${input.name} ${known[input.name] ?? (input.fallback !== null ? '(has a default)' : input.optional ? '(may be left out)' : '(to fill in)')}`,
  );
  const [summary = ''] = playbook.whenToUse.trim().split('\n\n');
  return [
    ...noteLines(summary.replaceAll(/\s+/g, ' '), indent, width, 'text').slice(0, 3),
    ...(offer.because.length === 0 ? [] : noteLines(`because of ${offer.because.join(', ')}`, indent, width, 'accent')),
    ...noteLines([`id ${playbook.id}`, ...inputs].join('   '), indent, width, 'dim'),
  ];
}

/** `3d`, and whether it is too long ago. */
export function reviewedWords(reviewed: string, now: number): { readonly text: string; readonly stale: boolean } {
  const at = Date.parse(`${reviewed}T00:00:00Z`);
  if (!Number.isFinite(at)) return { text: reviewed, stale: true };
  const stale = now - at > staleDays * dayMs;
  return { text: now - at < dayMs ? 'today' : `${age(now - at)}${stale ? ' stale' : ''}`, stale };
}

/** Takes no room from the titles where nothing is suggested, or its reasons are short. */
function whyColumn(longestWhy: number): Column<Suggested> {
  return {
    id: 'because',
    title: () => 'WHY',
    min: Math.min(14, Math.max(3, longestWhy)),
    ideal: Math.max(3, longestWhy),
    max: 60,
    priority: 8,
    align: 'left',
    cell: (offer, width) => [span(clip(offer.because.join(', '), width), 'accent')],
  };
}

function columnsFor(offers: readonly Suggested[], now: number): Column<Suggested>[] {
  const title = longest(
    offers.map((offer) => offer.file.playbook.title),
    12,
    44,
  );
  const because = longest(
    offers.map((offer) => offer.because.join(', ')),
    0,
    26,
  );
  const stale = offers.some((offer) => reviewedWords(offer.file.playbook.reviewed, now).stale);
  return [
    {
      id: 'title',
      title: () => '  PLAYBOOK',
      min: Math.min(28, title + 2),
      ideal: title + 2,
      max: 60,
      priority: 9,
      align: 'left',
      cell: (offer, width) => [
        span(offer.score > 0 ? '▸ ' : '  ', 'accent'),
        span(clip(offer.file.playbook.title, width - 2), offer.score > 0 ? 'strong' : 'text'),
      ],
    },
    ...(because === 0 ? [] : [whyColumn(because)]),
    textColumn(
      'owner',
      'OWNER',
      6,
      12,
      5,
      (offer) => offer.file.playbook.owner,
      () => 'dim',
    ),
    {
      id: 'reviewed',
      title: () => 'REVIEWED',
      min: stale ? 12 : 8,
      ideal: stale ? 12 : 8,
      max: 12,
      priority: 6,
      align: 'left',
      cell: ({ file }) => {
        const reviewed = reviewedWords(file.playbook.reviewed, now);
        return [span(`${reviewed.stale ? `${glyphOf('warn')} ` : ''}${reviewed.text}`, reviewed.stale ? 'warn' : 'dim')];
      },
    },
  ];
}
