import { hint } from '../components/key-hints.ts';
import type { Scene } from '../scene.ts';
import { clipLine, type Line, span } from '../terminal/line.ts';

/** What to try on the embedded fleet, until a scenario is on or a playbook was started. */
export function demoHint({ console, fleet, ui, columns }: Scene): Line[] {
  if (console.scenarios === null || console.scenarios.current() !== null) return [];
  if (fleet.hosts.length === 0 || ui.playbookRuns.length > 0) return [];
  const way: readonly Line[] = [hint('X', '↓ pencils-down'), hint('p', 'its playbook'), hint('s', 'start'), hint('y', 'each time')];
  return [clipLine([span(' try it: ', 'dim'), ...way.flatMap((part, index) => (index === 0 ? part : [span(' '), ...part]))], columns)];
}
