import { formatClock } from '../../src/fleet/duration.ts';
import type { HostView } from '../../src/fleet/view.ts';
import { alertOfReason, rootOf } from '../episodes.ts';
import { ageOf } from '../host-figures.ts';
import { duration, withoutHost } from '../format.ts';
import type { Scene } from '../scene.ts';
import { join, type Line, lineWidth, line, span } from '../terminal/line.ts';
import { clipMiddle, wrap } from '../terminal/width.ts';
import { glyphOf, type Token } from '../theme.ts';
import { envBand } from '../components/env-band.ts';

/** ` ■ nfs1 crit  PROD  nfs · 10.0.0.2 · up 12d03h · us-east1-b`, with as many facts as fit `width`, the least needed last. */
export function hostTitle(scene: Scene, view: HostView, width: number): Line {
  const { host, sample, verdict } = view;
  const facts = [
    host.role,
    host.cloudState !== null && host.cloudState !== 'running' ? host.cloudState : null,
    host.address,
    sample?.uptimeS == null ? null : `up ${duration(sample.uptimeS * 1000)}`,
    view.version === null ? null : `release ${view.version}`,
    host.zone,
    sample?.cpu?.cores == null ? null : `${sample.cpu.cores} cores`,
    sample?.os ?? null,
    `from ${host.source}`,
  ].filter((fact) => fact !== null);
  const title: Line = [
    span(`${glyphOf(verdict.health)} `, verdict.health),
    span(clipMiddle(host.name, Math.max(24, Math.floor(scene.columns * 0.3))), 'strong'),
    span(' '),
    span(verdict.health, verdict.health),
    span('  '),
    ...envBand(scene.console.environments, host.env),
    span('  '),
  ];
  let said = '';
  for (const fact of facts) {
    const longer = said === '' ? fact : `${said} · ${fact}`;
    if (lineWidth([...title, span(longer)]) <= width) said = longer;
  }
  return [...title, span(said, 'dim')];
}

/**
 * Why the host is judged as it is, and how far the console gets to it, in whole sentences over as many lines as they take.
 * Nothing is said twice: what keeps the console away is also the verdict's reason.
 */
export function hostWords(scene: Scene, view: HostView, width: number): Line[] {
  const out: Line[] = [];
  const say = (text: string, glyph: string, token: Token): void => {
    for (const [index, part] of wrap(text, width - 2).entries())
      out.push([span(index === 0 ? `${glyph} ` : '  ', token), span(part, token)]);
  };
  const { reach, since, why } = view.reach;
  if (view.goneSince !== null) {
    say(`The inventory no longer lists it since ${formatClock(view.goneSince)}; what was last known stays here.`, '?', 'unknown');
  }
  // A stopped machine is not asked; that nothing was heard of it needs no words.
  if (reach !== 'ok' && view.verdict.health !== 'stopped') {
    const last = ageOf(view, scene.now);
    const known = last === null ? 'Nothing was heard from it yet.' : `What follows is ${duration(last)} old.`;
    const words = why === null ? '' : `: ${withoutHost(why, view.host.name)}${/[.!?]$/.test(why) ? '' : '.'}`;
    const cloud = view.host.cloudState === null ? '' : ` Its cloud says ${view.host.cloudState.toUpperCase()}.`;
    say(`${reach} for ${duration(scene.now - since)}${words === '' ? '.' : words}${cloud} ${known}`, '?', 'unknown');
  }
  // Of a host never heard the reach says it all; the verdict's own words are “not yet polled”.
  const unheard = reach !== 'ok' && view.sample === null;
  for (const reason of view.verdict.reasons) {
    if ((why !== null && reason.text.includes(why)) || (unheard && reason.health === 'unknown')) continue;
    const alert = alertOfReason(scene.fleet.alerts, view.host.id, reason);
    const held = alert === null ? '' : ` for ${duration(scene.fleet.at - alert.since)}`;
    say(`${reason.text}${held}`, glyphOf(reason.health), reason.health);
  }
  for (const text of causes(scene, view)) say(text, '→', 'strong');
  if (out.length === 0) out.push([span(`${glyphOf(view.verdict.health)} `, view.verdict.health), span(calmWords(view), 'dim')]);
  return out;
}

/** Root causes elsewhere of what is wrong here. */
function causes(scene: Scene, view: HostView): string[] {
  const { alerts } = scene.fleet;
  const mine = alerts.filter((alert) => alert.host === view.host.id && alert.cause !== null);
  if (mine.length === 0) return [];
  const byId = new Map(alerts.map((alert) => [alert.id, alert]));
  const roots = new Set(mine.map((alert) => rootOf(alert, byId)).filter((root) => root.host !== view.host.id || root.host === null));
  return [...roots].map((root) => {
    const where = root.hostName === null ? '' : `${root.hostName}: `;
    return `Explained by ${where}${withoutHost(root.what, root.hostName)}`;
  });
}

function calmWords(view: HostView): string {
  if (view.verdict.health === 'maintenance') return 'In maintenance.';
  if (view.verdict.health === 'stopped') return 'Stopped, as its cloud says; it is not asked.';
  return view.sample === null ? 'No answer yet.' : 'Nothing is wrong here.';
}

/** A heading of a section. */
export function heading(text: string, note = ''): Line {
  return join([line(text, 'accent'), note === '' ? [] : line(note, 'dim')], '  ');
}
