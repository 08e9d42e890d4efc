import { suggestion } from '../../config/nearest.ts';
import { quoted } from '../../config/visible.ts';
import { onceRemedy, placeReadTwice } from '../../fleet/read-twice.ts';
import { placeWords, quotedPlace } from '../../fleet/shell-quotes.ts';
import { expressionFault, namesIn, patternFaults } from '../expression.ts';
import { patternRemedy } from '../../config/pattern-remedy.ts';
import type { Input, Playbook, Step } from '../playbook.ts';
import { stepsWithin } from '../runs.ts';
import { isPlace, placesIn } from '../template.ts';
import type { Findings, Said } from './finding.ts';
import { savedFacts, templates, type Use, usesOf, usesOnFail, within } from './uses.ts';

interface Known {
  /** Facts below the name; `null` when they cannot be told. */
  readonly facts: readonly string[] | null;
  readonly secret: boolean;
  /** What bears this name must not come to mean another thing on the way; a constant may, as what holds until a step saves better. */
  readonly fixed?: 'an input' | 'the loop’s item';
}

type Names = Map<string, Known>;

type Tell = (said: Said) => void;

/** Every name that a text uses must have a value where it stands, and stand where its value does no harm. */
export function lintNames(playbook: Playbook, findings: Findings): void {
  const all = [...playbook.steps, ...playbook.finally].flatMap(stepsWithin);
  const names: Names = new Map(playbook.inputs.map((input) => [input.name, { ...ofInput(input), fixed: 'an input' }]));
  const uses = new NameUse(all);
  for (const [name, value] of Object.entries(playbook.vars)) {
    for (const use of within(value)) uses.look(use, names, (said) => findings.atHead('vars', said));
    names.set(name, ofConstant(name, value, names, findings));
  }
  const head = (key: string, texts: readonly (string | null)[]): void => {
    for (const use of templates(...texts)) uses.look(use, names, (said) => findings.atHead(key, said));
  };
  head('lock', playbook.locks);
  const { timeout, keepInPool, lockTtl } = playbook.limits;
  head('limits', [timeout, typeof keepInPool === 'string' ? keepInPool : null, lockTtl]);
  walk(playbook.steps, names, uses, findings);
  walk(playbook.finally, names, uses, findings);
}

function ofInput(input: Input): Known {
  return { facts: null, secret: input.type === 'secret' };
}

/** A constant that is a secret and nothing else is one; mixed with other words it could be brought to no host unseen. */
function ofConstant(name: string, value: unknown, names: Names, findings: Findings): Known {
  const places = within(value).flatMap(({ text }) => placesIn(text));
  const secret = places.find((place) => names.get(place)?.secret === true);
  const alone = secret !== undefined && typeof value === 'string' && asWritten(secret).includes(value.trim());
  if (secret !== undefined && !alone)
    findings.atHead('vars', {
      rule: 'secret',
      message: `The constant ${quoted(name)} would hold the secret ${quoted(secret)} among other words, and show it in every command that names it.`,
      remedy: `Let {{ ${secret} }} be a place of its own in the command.`,
      under: asWritten(secret),
    });
  return { facts: null, secret: alone };
}

/** In the order of the page; what an arm saves is seen after it, what a loop saves is not. */
function walk(steps: readonly Step[], names: Names, uses: NameUse, findings: Findings): void {
  for (const step of steps) {
    const tell = (said: Said): void => findings.atStep(step, said);
    for (const use of usesOf(step)) uses.look(use, names, tell);
    lintShadows(step, names, tell);
    if (step.verb === 'each') {
      const item: Known = { facts: null, secret: false, fixed: 'the loop’s item' };
      walk(step.steps, new Map([...names, [step.variable, item]]), uses, findings);
    }
    if (step.verb === 'ask') for (const field of step.fields) names.set(field.name, ofInput(field));
    if (step.save !== null) names.set(step.save, { facts: savedFacts(step), secret: step.secretOutput });
    if (step.verb === 'section') walk(step.steps, names, uses, findings);
    const ways = step.verb === 'branch' ? step.arms : step.verb === 'choose' ? step.options : [];
    const after = ways.map((way) => {
      const inside = new Map(names);
      walk(way.steps, inside, uses, findings);
      return inside;
    });
    for (const handler of [step.onFail, step.onUnreachable]) {
      for (const use of usesOnFail(handler)) uses.look(use, names, tell);
      if (handler?.kind !== 'steps') continue;
      const inside = new Map(names);
      walk(handler.steps, inside, uses, findings);
      after.push(inside);
    }
    for (const inside of after) for (const [name, known] of inside) names.set(name, known);
  }
}

/** A name that comes to mean another thing half-way: later steps, and their undos, would be of another host than the page's head says. */
function lintShadows(step: Step, names: Names, tell: Tell): void {
  const own = step.verb === 'ask' ? step.fields.map(({ name }) => name) : step.verb === 'each' ? [step.variable] : [];
  for (const name of step.save === null ? own : [...own, step.save]) {
    const fixed = names.get(name)?.fixed;
    if (fixed === undefined) continue;
    tell({
      rule: 'shadow',
      message: `${quoted(name)} is the name of ${fixed} already, and would mean another thing from here on.`,
      remedy: 'Give it a name of its own.',
      under: [`save: ${name}`, `var: ${name}`, `${name}:`, name],
    });
  }
}

/** Names of the language itself. */
const languageNames = new Set(['bool', 'int', 'uint', 'double', 'string', 'bytes', 'list', 'map', 'null_type', 'type']);

/** Whether every use of a place in a step's line goes to the shell's own `printf`, which is no process and so has no command line. */
function isPiped(use: Extract<Use, { kind: 'command' }>, place: string): boolean {
  if (!use.shell || !use.change) return false;
  const parts = use.text.split(new RegExp(`\\{\\{\\s*${place.replaceAll('.', '\\.')}\\s*\\}\\}`));
  return parts
    .slice(0, -1)
    .every((before) => /(?:^|[|;&({\n]|\b(?:then|do|else))\s*printf\s+(?:'[^']*'|"[^"]*"|[^\s'"]+)\s+$/.test(before));
}

class NameUse {
  readonly #steps: readonly Step[];

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
  }

  look(use: Use, names: Names, tell: Tell): void {
    if (use.kind === 'expression') return this.#expression(use, names, tell);
    if (use.text.replaceAll(/\{\{[^{}]*\}\}/g, '').includes('{{'))
      tell({
        rule: 'place',
        message: 'A place begins with {{ and is not closed.',
        remedy: 'Write {{ name }}.',
        under: ['{{'],
      });
    for (const place of placesIn(use.text)) {
      const shown = use.kind === 'command' ? !isPiped(use, place) : use.given === true;
      this.#place(place, names, shown, tell);
    }
    if (use.kind !== 'command') return;
    const twice = placeReadTwice(use.whole);
    if (twice !== null && placesIn(use.text).includes(twice.place))
      tell({
        rule: 'read-twice',
        message: `{{ ${twice.place} }} is read once more by the shell of ${twice.by}, where its quotes are gone.`,
        remedy: onceRemedy(twice),
        under: asWritten(twice.place),
      });
    const inQuotes = use.shell ? quotedPlace(use.text) : null;
    // Out of those quotes it would be read twice still.
    if (inQuotes !== null && inQuotes !== twice?.place)
      tell({
        rule: 'quoting',
        message: `{{ ${inQuotes} }} stands ${placeWords}, where its own quotes would not hold.`,
        remedy: 'Let it stand as a word of its own: every value is quoted by itself.',
        under: asWritten(inQuotes),
      });
  }

  #place(place: string, names: Names, command: boolean, tell: Tell): void {
    const under = asWritten(place);
    if (!isPlace(place)) {
      const message = `{{ ${place} }} is no name.`;
      return tell({ rule: 'place', message, remedy: 'Only a name, or name.fact, stands between the braces.', under });
    }
    const [root = '', fact] = place.split('.');
    const known = names.get(root);
    if (known === undefined) return this.#unknown(root, `{{ ${place} }}`, names, under, tell);
    if (fact !== undefined && known.facts !== null && !known.facts.includes(fact))
      tell({
        rule: 'unknown-name',
        message: `${quoted(root)} has no ${quoted(fact)}.`,
        remedy: suggestion(fact, known.facts, 'It has'),
        under,
      });
    if (fact === undefined && known.facts !== null)
      tell({
        rule: 'place',
        message: `{{ ${place} }} is a whole result, and no word that could stand here.`,
        remedy: `Name a part of it, such as {{ ${root}.${known.facts[0] ?? 'out'} }}. It has ${known.facts.join(', ')}.`,
        under,
      });
    if (command && known.secret)
      tell({
        rule: 'secret',
        message: `The secret ${quoted(root)} would stand in a command line, which every user of the host can read.`,
        remedy: `Let a run step give it by standard input: printf %s {{ ${root} }} | program.`,
        under,
      });
  }

  #expression(use: Extract<Use, { kind: 'expression' }>, names: Names, tell: Tell): void {
    const fault = expressionFault(use.text);
    if (fault !== null) {
      const message = `${quoted(use.text)} is no expression: ${fault.replace(/\.?$/, '.')}`;
      return tell({ rule: 'expression', message, remedy: 'Write a condition such as out != "" or healthy >= 1.', under: [use.text] });
    }
    if (use.text.includes('{{'))
      tell({
        rule: 'expression',
        message: 'An expression holds no {{ }}.',
        remedy: 'Write the name alone.',
        under: [use.text],
      });
    for (const { written, why } of patternFaults(use.text)) {
      const message = `${quoted(written)} is no regular expression: ${why}.`;
      tell({ rule: 'pattern', message, remedy: patternRemedy(why), under: [written, written.replaceAll('\\', '\\\\'), use.text] });
    }
    for (const name of namesIn(use.text)) {
      if (names.has(name) || use.facts.includes(name) || languageNames.has(name)) continue;
      this.#unknown(name, quoted(use.text), new Map([...names, ...use.facts.map((fact) => [fact, null] as const)]), [use.text], tell);
    }
  }

  #unknown(name: string, where: string, names: ReadonlyMap<string, unknown>, under: readonly string[], tell: Tell): void {
    const later = this.#steps.find(
      (step) => step.save === name || (step.verb === 'ask' && step.fields.some((field) => field.name === name)),
    );
    const remedy =
      name === 'alert'
        ? 'The alert is known only in "fill" of "suggest"; make it an input.'
        : later === undefined
          ? suggestion(name, names.keys(), 'There are')
          : `The step on line ${later.at.line} gives it its value; it is not known here.`;
    tell({
      rule: 'unknown-name',
      message: `${where} names ${quoted(name)}, which has no value here.`,
      remedy: remedy ?? 'Make it an input.',
      under,
    });
  }
}

/** A place as people write it. */
export function asWritten(place: string): readonly string[] {
  return [`{{ ${place} }}`, `{{${place}}}`, `{{ ${place}}}`, `{{${place} }}`];
}
