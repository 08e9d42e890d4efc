import { formatClock } from '../../src/fleet/duration.ts';
import { sev } from '../../src/journal/incident/event-words.ts';
import { spanOf, updateDueAt } from '../../src/journal/incident/incident.ts';
import { isOpen } from '../incident-state.ts';
import { waitsForMe } from '../approval-words.ts';
import type { Scene } from '../scene.ts';
import { owedWords } from '../debt-words.ts';
import { age, ago } from '../format.ts';
import { runOfScreen, runsUnderWay } from '../playbook-flow.ts';
import { phaseOf, waitsForYou } from '../run-words.ts';
import { join, justify, type Line, lineWidth, span, type Span } from '../terminal/line.ts';
import { glyphOf } from '../theme.ts';
import { envBand, guardLine } from './env-band.ts';

/** The top line of every screen: fleet ▸ environment, the guard, roles, totals, clock and freshness. What is least needed goes first. */
export function header(scene: Scene): Line {
  const { fleet, env, now } = scene;
  const name: Line = [
    ...(fleet.demo ? [span(' DEMO ', 'demo'), ...(fleet.fleetName === 'demo' ? [] : [span(' ')])] : []),
    // The badge says it already.
    ...(fleet.demo && fleet.fleetName === 'demo' ? [] : [span(fleet.fleetName, 'strong')]),
    ...(env === null ? [] : [span(' ▸ ', 'dim'), ...envBand(scene.console.environments, env)]),
  ];
  const guard = env === null ? [] : guardLine(scene, env);
  const program: Line = [span('quarterdeck', 'accent')];
  const totals = healthTotals(scene);
  const newest = newestAnswerAge(scene);
  const freshness: Line =
    newest === null ? [span('no answer yet', 'dim')] : [span(ago(newest), newest > scene.console.staleMs ? 'warn' : 'dim')];
  const clock: Line = [span(formatClock(now), 'dim')];
  const roles = roleCounts(scene);
  const waiting = scene.prompts.length;
  const owed = owedWords(fleet, now);
  const debts = (text: string | undefined): Line => (text === undefined ? [] : [span(` ${text} `, owed?.due === true ? 'armed' : 'chip')]);
  const long = debts(owed?.long);
  const runs = runBadge(scene);
  const questions: Line = waiting === 0 ? [] : [span(` ${waiting} question${waiting === 1 ? '' : 's'} `, 'armed')];

  const signs = toSign(scene);
  const shortSigns = toSign(scene, true);
  const incident = incidentChip(scene);
  const duties = dutyHint(scene);

  const choices: readonly (readonly [readonly Line[], readonly Line[]])[] = [
    [
      [program, name, guard, incident, questions, signs, runs, long, duties, roles],
      [totals, clock, freshness],
    ],
    [
      [name, guard, incident, questions, signs, runs, long, duties, roles],
      [totals, clock, freshness],
    ],
    [
      [name, guard, incident, questions, signs, runs, long],
      [totals, clock, freshness],
    ],
    [
      [name, guard, incident, questions, signs, runs, long],
      [totals, clock],
    ],
    [[name, guard, incident, questions, signs, runs, long], [totals]],
    [[name, guard, incident, questions, shortSigns, runs, long], [totals]],
    [[name, guard, incident, questions, shortSigns, runs, debts(owed?.middle)], [totals]],
    [[name, guard, incident, questions, shortSigns, runs, debts(owed?.short)], [totals]],
    [[name, guard, incident, questions, shortSigns, runBadge(scene, true), debts(owed?.short)], [totals]],
  ];
  for (const [left, right] of choices) {
    const drawn = [span(' '), ...join(left, '  ')];
    const edge = [...join(right, '  '), span(' ')];
    if (lineWidth(drawn) + lineWidth(edge) + 2 <= scene.columns) return justify(drawn, edge, scene.columns);
  }
  return justify(
    [span(' '), ...join([name, runs.length > 0 ? runs : guard, shortSigns, incident, debts(owed?.short)], ' ')],
    [],
    scene.columns,
  );
}

/** That a playbook's run is under way, and that it waits: on its own screen its second line says so. */
function runBadge({ ui, now }: Scene, short = false): Line {
  const open = runsUnderWay(ui);
  const waits = open.filter(waitsForYou);
  const [first] = waits;
  const shown = runOfScreen(ui)?.id ?? null;
  if (open.length === 0 || (open.length === 1 && open[0]?.id === shown)) return [];
  const many = open.length === 1 ? 'run' : `${open.length} runs`;
  if (first === undefined && short) return [span(` … ${many} `, 'chip')];
  if (first === undefined)
    return [span(` ${many}: ${open.length === 1 && open[0] !== undefined ? phaseOf(open[0], now).word : 'under way'} `, 'chip')];
  if (short) return [span(` ${many} waits, v `, 'armed')];
  const since = Math.max(...waits.map((run) => now - (run.asked?.since ?? now)));
  return [span(` ${many}: waits for you ${age(since)}, v `, 'armed')];
}

/** That somebody waits for this person's signature, or that a plan of this console waits for somebody's. */
function toSign({ console, ui, now }: Scene, short = false): Line {
  const count = waitsForMe(console).length;
  const [own] = ui.waits;
  const parts: Line[] = [];
  if (count > 0) parts.push([span(` ${count} to sign, Y `, 'chip')]);
  if (own !== undefined && ui.dialog?.kind !== 'signing')
    parts.push([span(` ${short ? 'unsigned' : 'waits for a signature'} ${age(now - own.state.since)}, Y `, 'chip')]);
  return join(parts, '  ');
}

/** `INC-12 SEV-2 17m` while an incident is open; loud when an update is due. */
function incidentChip({ console, ui, now }: Scene): Line {
  const open = console.incidents.list().filter(isOpen);
  const incident = open.find(({ id }) => id === ui.incident) ?? open.at(-1);
  if (incident === undefined) return [];
  const due = updateDueAt(incident);
  const more = open.length === 1 ? '' : ` +${open.length - 1}`;
  return [
    span(
      ` ${incident.id} ${sev(incident.severity)} ${age(now - spanOf(incident).from)}${more} `,
      due !== null && due <= now ? 'armed' : 'chip',
    ),
  ];
}

/** `2 duties due`, quietly. */
function dutyHint({ console }: Scene): Line {
  const due = console.routines.list().filter((routine) => routine.due).length;
  return due === 0 ? [] : [span(`${due} ${due === 1 ? 'duty' : 'duties'} due`, 'dim')];
}

function roleCounts({ fleet }: Scene): Line {
  const counts = new Map<string, number>();
  for (const { host } of fleet.hosts) counts.set(host.role ?? 'no role', (counts.get(host.role ?? 'no role') ?? 0) + 1);
  const out: Span[] = [];
  for (const [role, amount] of [...counts].sort((a, b) => b[1] - a[1]).slice(0, 6)) {
    if (out.length > 0) out.push(span('  '));
    out.push(span(`${role} `, 'dim'), span(String(amount)));
  }
  return out;
}

function healthTotals({ fleet }: Scene): Line {
  const out: Span[] = [];
  for (const health of ['ok', 'warn', 'crit', 'unknown'] as const) {
    if (out.length > 0) out.push(span('  '));
    const amount = fleet.counts[health];
    out.push(span(`${glyphOf(health)} ${amount}`, amount === 0 ? 'dim' : health));
  }
  return out;
}

function newestAnswerAge({ fleet, now }: Scene): number | null {
  let newest: number | null = null;
  for (const { sample } of fleet.hosts) if (sample !== null && (newest === null || sample.at > newest)) newest = sample.at;
  return newest === null ? null : Math.max(0, now - newest);
}
