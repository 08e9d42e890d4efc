import type { HostView } from '../../src/fleet/view.ts';
import { ageOf } from '../host-figures.ts';
import { clockTime, duration } from '../format.ts';
import type { Scene } from '../scene.ts';
import { join, type Line, line, span } from '../terminal/line.ts';
import { clipMiddle, wrap } from '../terminal/width.ts';
import { glyphOf } from '../theme.ts';
import { envBand } from '../components/env-band.ts';

/** ` ■ nfs1  PROD  nfs · us-east1-b · 10.0.0.2 · up 12d03h` */
export function hostTitle(scene: Scene, view: HostView): Line {
  const { host, sample, verdict } = view;
  const facts = [
    host.role,
    host.zone,
    host.address,
    sample?.uptimeS == null ? null : `up ${duration(sample.uptimeS * 1000)}`,
    sample?.cpu?.cores == null ? null : `${sample.cpu.cores} cores`,
    host.cloudState !== null && host.cloudState !== 'running' ? host.cloudState : null,
    view.version === null ? null : `release ${view.version}`,
    `from ${host.source}`,
  ].filter((fact) => fact !== null);
  return [
    span(`${glyphOf(verdict.health)} `, verdict.health),
    span(clipMiddle(host.name, Math.max(24, Math.floor(scene.columns * 0.3))), 'strong'),
    span(' '),
    span(verdict.health, verdict.health),
    span('  '),
    ...envBand(scene.console.environments, host.env),
    span(`  ${facts.join(' · ')}`, 'dim'),
  ];
}

/** Why the host is judged as it is, and how far the console gets to it, in whole sentences over as many lines as they take. */
export function hostWords(scene: Scene, view: HostView, width: number): Line[] {
  const out: Line[] = [];
  const { reach, since, why } = view.reach;
  if (view.goneSince !== null) {
    out.push(line(`? The inventory no longer lists it since ${clockTime(view.goneSince)}; what was last known stays here.`, 'unknown'));
  }
  if (reach !== 'ok') {
    const last = ageOf(view, scene.now);
    const known = last === null ? 'Nothing was heard from it yet.' : `What follows is ${duration(last)} old.`;
    const words = `${reach} for ${duration(scene.now - since)}${why === null ? '' : `: ${why}`} ${known}`;
    for (const [index, text] of wrap(words, width - 2).entries()) out.push(line(`${index === 0 ? '? ' : '  '}${text}`, 'unknown'));
  }
  for (const reason of view.verdict.reasons) {
    for (const [index, text] of wrap(reason.text, width - 2).entries()) {
      out.push([span(index === 0 ? `${glyphOf(reason.health)} ` : '  ', reason.health), span(text, reason.health)]);
    }
  }
  if (out.length === 0) out.push([span(`${glyphOf(view.verdict.health)} `, view.verdict.health), span(calmWords(view), 'dim')]);
  return out;
}

function calmWords(view: HostView): string {
  if (view.verdict.health === 'maintenance') return 'In maintenance.';
  if (view.verdict.health === 'stopped') return 'Stopped on purpose.';
  return view.sample === null ? 'No answer yet.' : 'Nothing is wrong here.';
}

/** A heading of a section. */
export function heading(text: string, note = ''): Line {
  return join([line(text, 'accent'), note === '' ? [] : line(note, 'dim')], '  ');
}
