import { formatClock } from '../../src/fleet/duration.ts';
import { placedCommands, type Question } from '../../src/playbook/run/question.ts';
import { shownCommand } from '../../src/remote/shown-command.ts';
import { duration, plural } from '../format.ts';
import { blank, type Line, line, span } from '../terminal/line.ts';
import { wrap } from '../terminal/width.ts';
import { glyphOf, type Token } from '../theme.ts';
import { field } from './card-field.ts';
import { scriptLines } from './command-text.ts';

/** What a run asks, with all that the answer should rest on. The keys stand in the footer. */
export function questionLines(question: Question, width: number, now: number): Line[] {
  switch (question.kind) {
    case 'go':
      return [
        ...heading(
          question.word === null ? 'Send this? y sends it.' : `Dangerous. Send this? y, then type ${question.word}.`,
          question.risk === 'danger' ? 'crit' : 'warn',
          width,
        ),
        ...(question.host === null ? [] : field('on', question.host, width, 'strong')),
        ...commandLines('runs', placedCommands(question), width),
        ...(question.why === null ? [] : field('why', oneLine(question.why), width)),
        ...field('undo', undoWords(question), width, 'dim'),
        ...question.warnings.flatMap((text) => field('', `${glyphOf('warn')} ${text}`, width, 'warn')),
        ...inFull(question, width),
      ];
    case 'failed': {
      const [glyph, token]: readonly [string, Token] =
        question.outcome === 'unreachable' || question.outcome === 'unknown' ? [glyphOf('unknown'), 'unknown'] : [glyphOf('crit'), 'crit'];
      return [
        ...heading('What now?', 'warn', width),
        ...wrap(question.title, width).map((part) => line(part, 'strong')),
        ...wrap(`${glyph} ${question.outcome}: ${question.summary}`, width).map((part) => line(part, token)),
        ...evidenceLines(question.evidence, width),
        ...(question.may.includes('break')
          ? wrap('r tries again once it is free; b takes it from its holder, with a reason.', width).map((part) => line(part))
          : []),
      ];
    }
    case 'unknown':
      return [
        ...heading('What became of it? Nothing is run again.', 'unknown', width),
        ...wrap(question.title, width).map((part) => line(part, 'strong')),
        ...wrap(`${glyphOf('unknown')} ${question.summary}`, width).map((part) => line(part, 'unknown')),
        ...evidenceLines(question.evidence, width),
        ...wrap(
          question.away === true
            ? 'Its host is asked by itself until it answers; r asks it now. Or say what you know.'
            : 'r asks its host once more. Or say what you know.',
          width,
        ).map((part) => line(part, 'dim')),
      ];
    case 'manual':
      return [...heading('Do this by hand, then y.', 'warn', width), ...paragraphs(question.text, width)];
    case 'ask':
      return [
        ...heading('Some facts are needed: enter fills them in.', 'warn', width),
        ...question.fields.flatMap((asked) =>
          field(asked.name, `${asked.help ?? asked.type}${asked.optional ? ' (may be left out)' : ''}`, width),
        ),
      ];
    case 'choose':
      return [
        ...heading(question.text, 'warn', width),
        ...question.options.flatMap((option, index) =>
          wrap(option.label, width - 6).map(
            (part, row): Line => [span(row === 0 ? `<${index + 1}> ` : '    ', 'key'), span(part, 'strong')],
          ),
        ),
        blank,
      ];
    case 'approve': {
      const whose = question.by === null ? 'Somebody else' : `Somebody of ${question.by}`;
      const more = question.count > 1 ? ` ${plural(question.count, 'approval')} are needed.` : '';
      return [
        ...heading(`${whose} must approve; your own word does not count.${more}`, 'warn', width),
        ...paragraphs(question.text, width),
        ...(question.hash === undefined
          ? []
          : [
              ...field('signs by', 'Y at their console, or in a shell:', width),
              ...field('', `quarterdeck approve ${question.hash}`, width, 'accent'),
            ]),
        ...(question.until === undefined ? [] : field('until', untilWords(question.until, now), width)),
      ];
    }
    case 'batch':
      return [...heading(question.text, 'warn', width)];
    case 'undo':
      return [
        ...heading('Take this back? y does.', 'warn', width),
        ...wrap(question.title, width).map((part) => line(part, 'strong')),
        ...(question.host === null ? [] : field('on', question.host, width, 'strong')),
        ...commandLines('runs', placedCommands(question), width),
        ...(question.afterNoReturn ? field('', `${glyphOf('warn')} It lies behind the point of no return.`, width, 'warn') : []),
        ...inFull(question, width),
      ];
    default:
      return question satisfies never;
  }
}

/** A wait for signatures ends by itself. */
function untilWords(until: number, now: number): string {
  return `${formatClock(until)}, ${duration(Math.max(0, until - now))} more; then the step has failed. f ends it sooner, with a reason.`;
}

/** `undo: none` of a page gives its reason, which stands above already. */
function undoWords({ undo, why }: Extract<Question, { kind: 'go' }>): string {
  return why !== null && undo.endsWith(`: ${why}`) ? undo.slice(0, -why.length - 2) : undo;
}

function heading(text: string, token: Token, width: number): Line[] {
  return wrap(text, width - 2).map((part, index) => [span(index === 0 ? '▸ ' : '  ', token), span(part, token)]);
}

function commandLines(label: string, commands: readonly string[], width: number): Line[] {
  return commands.flatMap((command, index) =>
    command.split('\n').flatMap((text, row) => field(index === 0 && row === 0 ? label : '', text, width, 'accent')),
  );
}

/** The scripts that are only named above. */
function inFull({ sends = [] }: Extract<Question, { kind: 'go' | 'undo' }>, width: number): Line[] {
  return scriptLines(
    sends.filter(({ command }) => shownCommand(command) !== command),
    width,
  );
}

function evidenceLines(evidence: readonly string[], width: number): Line[] {
  return evidence.flatMap((text) => wrap(text, width - 2).map((part): Line => [span('│ ', 'dim'), span(part)]));
}

function paragraphs(text: string, width: number): Line[] {
  return text
    .trimEnd()
    .split('\n')
    .flatMap((part) => wrap(part, width).map((each) => line(each)));
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
