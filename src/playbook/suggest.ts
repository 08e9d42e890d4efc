import type { Alert } from '../fleet/alert.ts';
import { sanitizeLine } from '../remote/sanitize.ts';
import type { Library, PlaybookFile } from './library.ts';
import { specificity } from './pattern-breadth.ts';
import type { Suggestion } from './playbook.ts';
import { filledInputs, type Fits, hostInputs, refuses } from './suggest-inputs.ts';
import { wordsIn } from './words-in.ts';

/** What playbooks are sought for. All parts may be missing; then every playbook is given, none of them suggested. */
export interface About {
  /** Alerts in force, the one under the cursor first. */
  readonly alerts: readonly Alert[];
  readonly host: { readonly name: string; readonly role: string | null; readonly env: string } | null;
  /** Names of checks that are not ok there. */
  readonly checks: readonly string[];
  /** Words that a person typed, or the text of an incident. */
  readonly text: string | null;
  /** Hosts that a `from` of an input names, as `Hands.hostsFrom`; without it only `host` and the alerts' labels tell. */
  readonly hostsFrom?: (from: string | null) => readonly string[];
}

/** One playbook and why it is offered. */
export interface Suggested {
  readonly file: PlaybookFile;
  /** 0: not suggested, only listed. */
  readonly score: number;
  /** Why, one clause each: `alert pencils-down on web1`, `the words "port 8816"`. Empty when it is only listed. */
  readonly because: readonly string[];
  /** Inputs that are known already, as texts for `readInputs`. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Alert that led to it. */
  readonly alert: string | null;
}

/** What each kind of match is worth. A specific name is worth more than all else together that is not about a name. */
const worth = { name: 100, vagueName: 5, label: 10, check: 50, typed: 40, told: 25, alsoMatched: 4 } as const;
/** Of an alert that another explains, or that a maintenance covers: its root cause is what to act on. */
const explained = 0.3;
/** Of alerts behind the first: what is under the cursor is meant. */
const behind = 0.9;
/** Of a playbook that takes no host such as the one in trouble, though nothing says that it is about that one. */
const otherHost = 0.6;
const mostClauses = 4;

interface Match {
  readonly score: number;
  readonly because: readonly string[];
  readonly inputs: Readonly<Record<string, string>>;
  readonly alert: Alert | null;
}

/** All playbooks of the library, the suggested ones first: best first, equals by their name. Pure, and never throws. */
export function suggest(library: Library, about: About): readonly Suggested[] {
  const fits = fitsOf(about);
  return library.files
    .map((file) => suggestedOf(file, about, fits))
    .toSorted((a, b) => b.score - a.score || compare(a.file.playbook.id, b.file.playbook.id));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function suggestedOf(file: PlaybookFile, about: About, fits: Fits): Suggested {
  const { playbook } = file;
  const found = playbook.suggest
    .flatMap((rule) => matchesOf(file, rule, about, fits))
    .toSorted((a, b) => b.score - a.score || compare(a.alert?.id ?? '', b.alert?.id ?? ''));
  const [best] = found;
  const hosts = [best?.alert?.hostName, about.host?.name, ...about.alerts.map((alert) => alert.hostName)].filter((name) => name != null);
  const inputs = { ...best?.inputs, ...hostInputs(playbook, best?.inputs ?? {}, hosts, fits) };
  if (best === undefined) return { file, score: 0, because: [], inputs, alert: null };
  const also = Math.min(3, found.length - 1) * worth.alsoMatched * (best.score / worth.name);
  const because = [...new Set(found.flatMap((match) => match.because))].slice(0, mostClauses);
  return { file, score: Math.round((best.score + also) * 100) / 100, because, inputs, alert: best.alert?.id ?? null };
}

/** A rule against each alert, or against the words and checks alone where it asks for no alert. */
function matchesOf(file: PlaybookFile, rule: Suggestion, about: About, fits: Fits): Match[] {
  const asksAlert = rule.alert !== null || Object.keys(rule.labels).length > 0;
  const subjects: readonly (Alert | null)[] = asksAlert ? about.alerts : [...about.alerts, null];
  return subjects.flatMap((alert) => matchOf(file, rule, alert, about, fits) ?? []);
}

function matchOf(file: PlaybookFile, rule: Suggestion, alert: Alert | null, about: About, fits: Fits): Match | null {
  const because: string[] = [];
  let score = 0;
  if (alert !== null && (rule.alert !== null || Object.keys(rule.labels).length > 0)) {
    const named = namedBy(rule, alert);
    if (named === null) return null;
    score += named;
    because.push(alertClause(rule, alert));
  }
  if (rule.check !== null) {
    const asked = alert === null ? about.checks.includes(rule.check) : alert.labels['check'] === rule.check;
    // Its alert may have another name; that the check fails is what counts.
    if (!asked && !(rule.alert !== null && about.checks.includes(rule.check))) return null;
    score += worth.check;
    because.push(`check ${rule.check} is not ok${alert === null ? '' : onHost(alert)}`);
  }
  if (rule.text.length > 0) {
    const told = alert === null ? null : wordsIn(alert.what, rule.text);
    const typed = told === null && about.text !== null && (alert === null || rule.alert !== null) ? wordsIn(about.text, rule.text) : null;
    const words = told ?? typed;
    if (words === null) return null;
    score += told === null ? worth.typed : worth.told;
    because.push(`the words ${JSON.stringify(words)}${told === null || alert === null ? '' : ` in alert ${alert.name}${onHost(alert)}`}`);
  }
  return weighed(file, rule, alert, { score, because }, about, fits);
}

function weighed(
  { playbook }: PlaybookFile,
  rule: Suggestion,
  alert: Alert | null,
  found: Pick<Match, 'score' | 'because'>,
  about: About,
  fits: Fits,
): Match | null {
  const because = found.because.map((clause) => sanitizeLine(clause, 200));
  if (alert === null) {
    const other = about.host !== null && refuses(playbook, about.host.name, fits);
    return { because, score: found.score * (other ? otherHost : 1), inputs: {}, alert };
  }
  const { inputs, misfit } = filledInputs(playbook, rule, alert, fits);
  // The file itself says that it is for the host of the alert, and does not take that host.
  if (misfit) return null;
  const other = alert.hostName !== null && refuses(playbook, alert.hostName, fits);
  const covered = alert.cause !== null || alert.suppressedBy !== null;
  const place = about.alerts[0] === alert ? 1 : behind;
  return { because, score: found.score * (other ? otherHost : 1) * (covered ? explained : 1) * place, inputs, alert };
}

/** What the match of name and labels is worth; `null` when they do not match. */
function namedBy(rule: Suggestion, alert: Alert): number | null {
  const labels = Object.entries(rule.labels);
  const given: Readonly<Record<string, string>> = alert.hostName === null ? alert.labels : { host: alert.hostName, ...alert.labels };
  if (!labels.every(([name, value]) => Object.hasOwn(given, name) && given[name] === value)) return null;
  if (rule.alert !== null && !rule.alert.test(alert.name)) return null;
  const specific = rule.alert === null ? 0 : specificity(rule.alert);
  return (specific === 0 ? worth.vagueName : worth.name * specific) + worth.label * labels.length;
}

function alertClause(rule: Suggestion, alert: Alert): string {
  const labels = Object.entries(rule.labels).map(([name, value]) => `${name} ${value}`);
  const why = alert.cause === null ? '' : ', which another explains';
  return `alert ${alert.name}${onHost(alert)}${labels.length === 0 ? '' : ` (${labels.join(', ')})`}${why}`;
}

const onHost = (alert: Alert): string => (alert.hostName === null ? '' : ` on ${alert.hostName}`);

/** What is known of where hosts belong: from the fleet, else from the selected host and the alerts' own labels. */
function fitsOf({ hostsFrom, host, alerts }: About): Fits {
  if (hostsFrom !== undefined) {
    const known = new Map<string | null, ReadonlySet<string>>();
    return (from, name) => {
      const names = known.get(from) ?? new Set(hostsFrom(from));
      known.set(from, names);
      return names.has(name);
    };
  }
  return (from, name) => {
    if (from === null) return true;
    if (host?.name === name) return host.role === from || host.env === from;
    const labels = alerts.find((alert) => alert.hostName === name)?.labels;
    if (labels === undefined || (labels['role'] === undefined && labels['env'] === undefined)) return null;
    return labels['role'] === from || labels['env'] === from;
  };
}
