import { plural } from '../format.ts';
import { envToken } from './env-band.ts';
import type { Scene } from '../scene.ts';
import { blank, fitLine, type Line, line, plainText, span } from '../terminal/line.ts';
import { paint } from '../terminal/paint.ts';
import type { Token } from '../theme.ts';

/** A dialog as lines: it lies over the lower part of the screen under a band in the colour of its environment. */
export interface Panel {
  readonly title: string;
  /** `null` for what concerns no environment. */
  readonly env: string | null;
  readonly body: readonly Line[];
  /** Always visible: the question, the field, the keys. */
  readonly foot: readonly Line[];
  /** Line of the body that must be visible. */
  readonly keepVisible?: number;
}

const margin = '   ';

/** At most `height` painted lines; a longer body scrolls. Also tells how far it can be scrolled. */
export function drawPanel(scene: Scene, panel: Panel, height: number): string[] {
  const { columns, theme, ui } = scene;
  const token: Token = panel.env === null ? 'chip' : envToken(scene.console.environments, panel.env);
  const dangerous = panel.env === null ? '' : `${envName(scene, panel.env)}  `;
  const band = fitLine([span(` ${dangerous}${panel.title}`, token)], columns);
  const room = Math.max(1, height - panel.foot.length - 3);
  const maxScroll = Math.max(0, panel.body.length - room);
  const wanted = panel.keepVisible === undefined ? ui.dialogScroll : Math.max(0, panel.keepVisible - room + 1);
  const scroll = Math.min(wanted, maxScroll);
  const shown = panel.body.slice(scroll, scroll + room);
  const below = panel.body.length - scroll - shown.length;
  const more: Line =
    maxScroll === 0 ? blank : line(`${margin}${below > 0 ? `${plural(below, 'more line')} below` : 'end'}, ↓ ↑ scroll`, 'dim');
  const indent = (spans: Line): Line => [span(margin), ...spans];
  return [
    paint(theme, [span(plainText(band))], columns, token),
    ...[blank, ...shown.map(indent), more, ...panel.foot.map(indent)].map((spans) => paint(theme, spans, columns)),
  ].slice(0, height);
}

function envName(scene: Scene, env: string): string {
  return scene.console.environments.find((one) => one.name === env)?.danger === false ? env : env.toUpperCase();
}
