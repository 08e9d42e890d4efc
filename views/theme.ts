import type { Environment } from '../src/fleet/definition.ts';
import type { Health } from '../src/fleet/health.ts';

/** What a piece of text means; a theme says how that looks. */
export type Token =
  | 'text'
  | 'dim'
  | 'strong'
  | 'accent'
  | 'key'
  | 'chip'
  | 'cursor'
  | 'armed'
  | 'chart'
  | 'demo'
  | 'ok'
  | 'warn'
  | 'crit'
  | 'unknown'
  | 'maintenance'
  | 'stopped'
  | EnvironmentToken;

export type EnvironmentToken = `env-${Environment['color']}`;

export type Palette = 'default' | 'colour-blind';

/** How tokens look on this terminal. */
export interface Theme {
  readonly color: boolean;
  readonly ascii: boolean;
  /** Select Graphic Rendition parameters (ECMA-48 8.3.117) that open and close a token; `null` for plain text. */
  readonly styles: Readonly<Record<Token, Style | null>>;
}

interface Style {
  readonly open: string;
  readonly close: string;
}

const sgr = (open: string, close: string): Style => ({ open: `\u001b[${open}m`, close: `\u001b[${close}m` });
const foreground = (code: string): Style => sgr(code, '39');
const boldForeground = (code: string): Style => sgr(`1;${code}`, '22;39');
const band = (background: string, text: string): Style => sgr(`1;${text};${background}`, '22;39;49');

const attributes = {
  text: null,
  dim: sgr('2', '22'),
  strong: sgr('1', '22'),
  accent: sgr('1', '22'),
  key: sgr('1', '22'),
  chip: sgr('7', '27'),
  cursor: sgr('7', '27'),
  armed: sgr('1;7', '22;27'),
  chart: null,
  demo: sgr('7', '27'),
  ok: null,
  warn: sgr('1', '22'),
  crit: sgr('1', '22'),
  unknown: null,
  maintenance: sgr('2', '22'),
  stopped: sgr('2', '22'),
  'env-red': sgr('1;7', '22;27'),
  'env-yellow': sgr('7', '27'),
  'env-green': sgr('7', '27'),
  'env-blue': sgr('7', '27'),
  'env-magenta': sgr('7', '27'),
  'env-cyan': sgr('7', '27'),
  'env-gray': sgr('7', '27'),
} as const satisfies Record<Token, Style | null>;

const colours = {
  ...attributes,
  accent: boldForeground('36'),
  key: foreground('36'),
  armed: band('43', '30'),
  chart: foreground('36'),
  demo: band('45', '97'),
  ok: foreground('32'),
  warn: foreground('33'),
  crit: boldForeground('31'),
  unknown: foreground('35'),
  maintenance: foreground('34'),
  'env-red': band('41', '97'),
  'env-yellow': band('43', '30'),
  'env-green': band('42', '30'),
  'env-blue': band('44', '97'),
  'env-magenta': band('45', '97'),
  'env-cyan': band('46', '30'),
  'env-gray': band('100', '97'),
} as const satisfies Record<Token, Style | null>;

// Okabe and Ito's set (jfly.uni-koeln.de/color): told apart with any of the common colour vision deficiencies.
const colourBlind = {
  ...colours,
  ok: foreground('38;5;74'),
  warn: foreground('38;5;214'),
  crit: boldForeground('38;5;202'),
  unknown: foreground('38;5;175'),
  'env-red': band('48;5;202', '30'),
  'env-green': band('48;5;74', '30'),
} as const satisfies Record<Token, Style | null>;

/** Without colour the attributes bold, dim and inverse stay: NO_COLOR speaks of colour only (no-color.org). */
export function createTheme(choice: { color: boolean; ascii: boolean; palette?: Palette }): Theme {
  const coloured = choice.palette === 'colour-blind' ? colourBlind : colours;
  return { color: choice.color, ascii: choice.ascii, styles: choice.color ? coloured : attributes };
}

const glyphs: Readonly<Record<Health, string>> = { ok: '●', warn: '▲', crit: '■', unknown: '?', maintenance: '◌', stopped: '○' };

/** The shape of a health, so that colour never stands alone. */
export function glyphOf(health: Health): string {
  return glyphs[health];
}
