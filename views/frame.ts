import { drawPanel } from './components/dialog.ts';
import { header } from './components/header.ts';
import { journalLines } from './components/journal-line.ts';
import { keyHints } from './components/key-hints.ts';
import { statusLine } from './components/status-line.ts';
import type { Scene } from './scene.ts';
import { dialogPanel } from './screens/dialogs.ts';
import { alertsScreen } from './screens/alerts-screen.ts';
import { approvalsScreen } from './screens/approvals-screen.ts';
import { backupsScreen } from './screens/backups-screen.ts';
import { entryScreen } from './screens/entry-screen.ts';
import { fleetScreen, type RowCache } from './screens/fleet-screen.ts';
import { helpScreen } from './screens/help-screen.ts';
import { hostScreen } from './screens/host-screen.ts';
import { incidentScreen } from './screens/incident-screen.ts';
import { incidentsScreen } from './screens/incidents-screen.ts';
import { contactsScreen } from './screens/out-of-band.ts';
import { routinesScreen } from './screens/routines-screen.ts';
import { journalScreen } from './screens/journal-screen.ts';
import { paletteList } from './screens/palette-list.ts';
import { playbookRunScreen } from './screens/playbook-run-screen.ts';
import { playbookScreen } from './screens/playbook-screen.ts';
import { playbooksScreen } from './screens/playbooks-screen.ts';
import { runsScreen } from './screens/runs-screen.ts';
import { poolsScreen } from './screens/pools-screen.ts';
import { rawScreen } from './screens/raw-screen.ts';
import { runScreen } from './screens/run-screen.ts';
import { sourcesScreen } from './screens/sources-screen.ts';
import { screenOf } from './state.ts';
import { line } from './terminal/line.ts';
import { paint } from './terminal/paint.ts';

const leastColumns = 40;
const leastLines = 10;

/** One frame: exactly `scene.lines` painted lines, none wider than `scene.columns`. */
export function drawFrame(scene: Scene, cache: RowCache): string[] {
  const { columns, lines, theme } = scene;
  if (columns < leastColumns || lines < leastLines) {
    return filled(
      [
        paint(theme, line(`${columns}×${lines} is too small`), columns),
        paint(theme, line(`${leastColumns}×${leastLines} is needed`), columns),
      ],
      lines,
    );
  }
  const top = [header(scene), ...journalLines(scene)].map((spans) => paint(theme, spans, columns));
  const height = lines - 2 - top.length;
  const body = filled(screenLines(scene, height, cache), height);
  const panel = scene.ui.dialog === null ? null : dialogPanel(scene, scene.ui.dialog);
  if (panel !== null) {
    // The status line and the footer belong to the screen below; the dialog carries its own keys.
    const drawn = drawPanel(scene, panel, lines - 3 - top.length);
    const above = lines - top.length - drawn.length;
    return [...top, ...filled(body, above), ...drawn].slice(0, lines);
  }
  const offers = paletteList(scene, Math.min(12, height - 2)).map((spans) => paint(theme, spans, columns));
  const shown = offers.length === 0 ? body : [...body.slice(0, height - offers.length), ...offers];
  return [...top, ...shown, paint(theme, statusLine(scene), columns), paint(theme, keyHints(scene), columns)];
}

function screenLines(scene: Scene, height: number, cache: RowCache): string[] {
  const screen = screenOf(scene.ui);
  switch (screen.kind) {
    case 'fleet':
      return fleetScreen(scene, height, cache);
    case 'host':
      return hostScreen(scene, scene.fleet.byId.get(screen.hostId) ?? null, screen, height);
    case 'help':
      return helpScreen(scene, screen.cursor, height);
    case 'raw':
      return rawScreen(scene, scene.fleet.byId.get(screen.hostId) ?? null, screen.scroll, height);
    case 'journal':
      return journalScreen(scene, screen, height);
    case 'entry':
      return entryScreen(scene, screen.seq, screen.scroll, height);
    case 'pools':
      return poolsScreen(scene, screen, height);
    case 'backups':
      return backupsScreen(scene, screen, height);
    case 'alerts':
      return alertsScreen(scene, screen, height);
    case 'approvals':
      return approvalsScreen(scene, screen, height);
    case 'sources':
      return sourcesScreen(scene, screen.scroll, height);
    case 'incidents':
      return incidentsScreen(scene, screen.cursor, height);
    case 'incident':
      return incidentScreen(scene, screen.id, screen.scroll, height);
    case 'routines':
      return routinesScreen(scene, screen.cursor, height);
    case 'contacts':
      return contactsScreen(scene, screen.scroll, height);
    case 'playbooks':
      return playbooksScreen(scene, screen, height);
    case 'playbook':
      return playbookScreen(scene, screen, height);
    case 'runs':
      return runsScreen(scene, screen, height);
    case 'playbook-run':
      return playbookRunScreen(scene, screen, height);
    case 'run':
      return runScreen(scene, scene.ui.runs.find((run) => run.plan.id === screen.runId) ?? null, screen.scroll, height);
  }
}

function filled(lines: readonly string[], height: number): string[] {
  return Array.from({ length: height }, (_, index) => lines[index] ?? '');
}
