import type { Health } from '../fleet/health.ts';
import { healthRank } from '../fleet/health.ts';
import { formatDuration } from '../fleet/duration.ts';
import { mostOf, sumOf } from '../fleet/figures.ts';
import type { FleetState, HostView } from '../fleet/view.ts';
import { episodes } from '../../views/episodes.ts';
import { textTable } from './text-table.ts';

const glyphs: Readonly<Record<Health, string>> = { ok: '●', warn: '▲', crit: '■', unknown: '?', maintenance: '◌', stopped: '◌' };
const colours: Readonly<Record<Health, string>> = { ok: '32', warn: '33', crit: '31', unknown: '35', maintenance: '34', stopped: '90' };

/** The fleet as text for a terminal or a pipe: worst first, a line of reasons under every host that is not well. */
export function statusText(state: FleetState, nowMs: number, color: boolean): string {
  const paint = (health: Health, text: string): string =>
    color && process.stdout.isTTY ? `\u001b[${colours[health]}m${text}\u001b[0m` : text;
  const hosts = state.hosts.toSorted(
    (a, b) => healthRank(b.verdict.health) - healthRank(a.verdict.health) || a.host.name.localeCompare(b.host.name, 'en'),
  );
  const table = textTable(
    ['', 'HOST', 'ROLE', 'ENV', 'REACH', 'CPU', 'MEM', 'NFS op/s', 'ms', 'SERVICES', 'AGE'],
    hosts.map((view) => row(view, nowMs)),
  );
  const lines = [table[0] ?? ''];
  hosts.forEach((view, index) => {
    lines.push(paint(view.verdict.health, table[index + 1] ?? ''));
    for (const reason of view.verdict.reasons) lines.push(`    ${reason.text}`);
  });
  const { ok, warn, crit, unknown } = state.counts;
  lines.push('', `${state.fleetName}${state.demo ? ' (DEMO)' : ''}: ● ${ok} ok  ▲ ${warn} warn  ■ ${crit} crit  ? ${unknown} unknown`);
  for (const { root, explains } of episodes(state.alerts)) {
    const [playbook] = root.playbooks;
    if (playbook === undefined) continue;
    const others = explains.length === 0 ? '' : `, explains ${explains.length}`;
    lines.push(
      `${glyphs[root.severity]} ${root.name}${root.hostName === null ? '' : ` on ${root.hostName}`}${others} → playbook ${playbook}`,
    );
  }
  for (const check of state.checksHere) lines.push(`${glyphs[check.health]} ${check.name}: ${check.detail}`);
  for (const source of state.sources) {
    if (source.error !== null) lines.push(`? source ${source.name}: ${source.error}`);
    if (source.missing.length > 0) lines.push(`? source ${source.name} is incomplete: ${source.missing.join(', ')} not listed`);
  }
  return `${lines.join('\n')}\n`;
}

function row(view: HostView, nowMs: number): string[] {
  const { host, sample, verdict } = view;
  const mounts = sample?.nfsMounts ?? [];
  const iops = sample?.nfsServer?.iops ?? sumOf(mounts.map((mount) => mount.iops));
  return [
    glyphs[verdict.health],
    host.name,
    host.role ?? '–',
    host.env,
    verdict.health === 'stopped' ? 'stopped' : view.reach.reach,
    number(sample?.cpu?.usedPct ?? null, '%'),
    number(sample?.memory?.usedPct ?? null, '%'),
    number(iops, ''),
    number(mostOf(mounts.map((mount) => mount.exeMs)), '', 1),
    view.services.map((service) => `${service.name} ${glyphs[service.health]}`).join('  ') || '–',
    sample === null ? '–' : formatDuration(Math.max(0, nowMs - sample.at)),
  ];
}

function number(value: number | null, unit: string, digits = 0): string {
  return value === null ? '–' : `${value.toFixed(digits)}${unit}`;
}
