import type { Alert } from '../../src/fleet/alert.ts';
import { healthRank } from '../../src/fleet/health.ts';
import { clockTime, duration } from '../format.ts';
import type { Scene } from '../scene.ts';
import { justify, type Line, span, type Span } from '../terminal/line.ts';
import { glyphOf } from '../theme.ts';

/** A root alert and the alerts it explains, directly or through others. */
export interface Episode {
  readonly root: Alert;
  readonly explains: readonly Alert[];
}

/** One episode a root cause, worst and then oldest first. An alert whose cause is not in the list is a root itself. */
export function episodes(alerts: readonly Alert[]): Episode[] {
  const byId = new Map(alerts.map((alert) => [alert.id, alert]));
  const children = new Map<string, Alert[]>();
  const roots: Alert[] = [];
  for (const alert of alerts) {
    let top = alert;
    const seen = new Set([alert.id]);
    while (top.cause !== null) {
      const parent = byId.get(top.cause);
      if (parent === undefined || seen.has(parent.id)) break;
      seen.add(parent.id);
      top = parent;
    }
    if (top.id === alert.id) roots.push(alert);
    else children.set(top.id, [...(children.get(top.id) ?? []), alert]);
  }
  return roots
    .map((root) => ({ root, explains: children.get(root.id) ?? [] }))
    .sort((a, b) => healthRank(b.root.severity) - healthRank(a.root.severity) || a.root.since - b.root.since);
}

/** What is wrong, a line a root cause, and sources that could not be listed; at most `limit` lines. */
export function alertBar(scene: Scene, limit: number): Line[] {
  const { fleet, columns } = scene;
  const shown = episodes(fleet.alerts.filter((alert) => alert.suppressedBy === null));
  const lines = [...shown.map((episode) => episodeLine(scene, episode)), ...sourceLines(scene)];
  if (lines.length <= limit) return lines;
  const rest = lines.length - limit + 1;
  return [...lines.slice(0, limit - 1), justify([span(`   and ${rest} more`, 'dim')], [], columns)];
}

function episodeLine(scene: Scene, { root, explains }: Episode): Line {
  const left: Span[] = [span(` ${glyphOf(root.severity)} `, root.severity)];
  if (root.hostName !== null) left.push(span(`${root.hostName}: `, 'strong'));
  left.push(span(root.what, root.severity), span(` for ${duration(scene.fleet.at - root.since)}`, 'dim'));
  if (root.ackedBy !== null) left.push(span(`  taken by ${root.ackedBy}`, 'dim'));
  if (explains.length > 0) {
    const names = [...new Set(explains.map((alert) => alert.hostName).filter((name) => name !== null))];
    const list = names.length > 6 ? `${names.slice(0, 5).join(' ')} and ${names.length - 5} more` : names.join(' ');
    left.push(span(`. Explains ${explains.length} ${explains.length === 1 ? 'alert' : 'alerts'}${list === '' ? '' : ` on ${list}`}`));
  }
  const playbook = root.playbooks[0];
  const right: Line = playbook === undefined || scene.columns < 110 ? [] : [span(`→ playbook ${playbook} `, 'dim')];
  return justify(left, right, scene.columns);
}

function sourceLines(scene: Scene): Line[] {
  return scene.fleet.sources.flatMap((source) => {
    const since = source.listedAt === null ? 'never listed' : `last listed ${clockTime(source.listedAt)}`;
    if (!source.ok) {
      return [
        justify(
          [
            span(' ? ', 'unknown'),
            span(`${source.name}: `, 'strong'),
            span(source.error ?? 'could not be listed', 'unknown'),
            span(` (${since}, its hosts are kept)`, 'dim'),
          ],
          [],
          scene.columns,
        ),
      ];
    }
    if (source.missing.length === 0) return [];
    return [
      justify(
        [
          span(' ? ', 'unknown'),
          span(`${source.name}: `, 'strong'),
          span(`did not see ${source.missing.join(', ')}`, 'unknown'),
          span(' (hosts there are kept)', 'dim'),
        ],
        [],
        scene.columns,
      ),
    ];
  });
}
