import { formatClock } from '../../src/fleet/duration.ts';
import { secondsWaited } from '../../src/actions/approval-watch.ts';
import { fitsItsHash, namedOf, type PendingApproval } from '../../src/actions/approval-request.ts';
import { sanitizeText } from '../../src/remote/sanitize.ts';
import { whyNoAnswer } from '../approval-flow.ts';
import { boundWords, goodFor, signWord } from '../approval-words.ts';
import type { Panel } from '../components/dialog.ts';
import { hints } from '../components/key-hints.ts';
import { drawField } from '../components/text-field.ts';
import type { ApprovalDialog } from '../dialog-state.ts';
import { duration } from '../format.ts';
import type { Scene } from '../scene.ts';
import type { WaitOnScreen } from '../signature-wait.ts';
import { type Line, line, span } from '../terminal/line.ts';
import { wrap } from '../terminal/width.ts';
import { glyphOf } from '../theme.ts';
import { field } from './card-field.ts';
import { commandHead, scriptLines } from './command-text.ts';

/** A request of somebody else, whole, and how to answer it. */
export function approvalPanel(scene: Scene, dialog: ApprovalDialog): Panel {
  const { fleet, columns } = scene;
  const { request } = dialog.seen;
  return {
    title: `second person: ${request.title}`,
    env: fleet.byId.get(request.hostId)?.host.env ?? null,
    body: bodyLines(scene, dialog, columns - 6),
    foot: footLines(scene, dialog, columns - 6),
  };
}

function bodyLines(scene: Scene, { seen }: ApprovalDialog, width: number): Line[] {
  const { now, fleet } = scene;
  const { request } = seen;
  const optional = (label: string, text: string | null): Line[] => (text === null ? [] : field(label, text, width));
  const commands = commandsOf(request, (hostId) => fleet.byId.get(hostId)?.host.name ?? hostId);
  const bound = boundWords(request);
  const uid = request.uid === null ? '' : ` (uid ${request.uid})`;
  return [
    ...field('asks', `${request.who}${uid}, ${duration(secondsWaited(seen, now) * 1000)} ago; ${goodFor(seen, now)}`, width, 'strong'),
    ...optional('needs', request.needs),
    ...optional('for', request.by),
    ...optional('part of', request.run === null ? null : `${request.run}${request.step === null ? '' : `, step ${request.step}`}`),
    ...optional('because', request.reason),
    ...(request.risk === 'danger' ? field('risk', `${glyphOf('crit')} danger`, width, 'crit') : []),
    ...(request.hosts.length === 0 ? [] : field('on', request.hosts.join(' '), width, 'strong')),
    ...(commands.length === 0 ? field('signs', signedWords(request), width, 'accent') : commandLines(commands, width)),
    ...request.others.flatMap((text, index) => field(index === 0 ? 'also here' : '', text, width, 'warn')),
    ...request.warnings.flatMap((text) => field('beware', `${glyphOf('warn')} ${text}`, width, 'warn')),
    ...optional('then', request.expected),
    ...optional('undo', request.undo),
    ...(request.signed.length === 0 ? [] : field('signed', request.signed.map(namedOf).join(', '), width, 'ok')),
    ...field('bound to', bound.text, width, bound.token),
    ...scriptLines(commands, width),
  ];
}

interface ShownCommand {
  readonly hostName: string;
  readonly purpose: 'precheck' | 'change';
  readonly command: string;
}

/** The commands that the hash is made of, where they came along; else as the request has them. Same commands of several hosts are one. */
function commandsOf({ content, commands }: PendingApproval, nameOf: (hostId: string) => string): readonly ShownCommand[] {
  const exact: readonly ShownCommand[] =
    content === null || 'run' in content
      ? commands.map((text) => {
          const at = text.indexOf(': ');
          return { hostName: at === -1 ? '' : text.slice(0, at), purpose: 'change', command: at === -1 ? text : text.slice(at + 2) };
        })
      : content.commands.map(({ hostId, purpose, command }) => ({ hostName: nameOf(hostId), purpose, command: sanitizeText(command) }));
  return [...Map.groupBy(exact, ({ purpose, command }) => `${purpose} ${command}`).values()].flatMap((same) => {
    const [first] = same;
    return first === undefined ? [] : [{ ...first, hostName: [...new Set(same.map(({ hostName }) => hostName))].join(' ') }];
  });
}

function commandLines(commands: readonly ShownCommand[], width: number): Line[] {
  const several = new Set(commands.map(({ hostName }) => hostName)).size > 1;
  return commands.flatMap(({ purpose, command, hostName }) =>
    field(purpose === 'precheck' ? 'first' : 'runs', `${commandHead(command)}${several ? `  (${hostName})` : ''}`, width, 'accent'),
  );
}

/** Of a step that asks for a yes and runs nothing by itself. */
function signedWords({ content, title }: PendingApproval): string {
  return content !== null && 'run' in content ? sanitizeText(content.text) : title;
}

function footLines(scene: Scene, dialog: ApprovalDialog, width: number): Line[] {
  const why = whyNoAnswer(scene, dialog);
  if (why !== null) return [...wrap(why, width).map((part) => line(part, 'warn')), hints([['esc', 'close']])];
  if (dialog.busy) return [line(`… leaving it on ${dialog.seen.request.hostName}`, 'dim')];
  const wrong = dialog.wrong === null ? [] : wrap(dialog.wrong, width).map((part) => line(part, 'warn'));
  const { word, what } = signWord(dialog.seen.request);
  const signs = dialog.focus === 'yes';
  const typed = signs ? dialog.word : dialog.reason;
  const asked: Line = signs
    ? [span(`Type the ${what} `, 'strong'), span(word, 'accent'), span(' and Enter to sign: ', 'strong'), ...drawField(typed)]
    : [span('Decline, because: ', 'strong'), ...drawField(typed)];
  const empty = typed.text.trim() === '';
  const cancel: Line = empty ? [span(' Cancel ', 'cursor'), span('   ')] : [];
  const keys = hints([
    ['enter', empty ? 'cancel' : signs ? 'sign' : 'decline'],
    ...(fitsItsHash(dialog.seen.request) === false ? [] : ([['tab', signs ? 'decline instead' : 'sign instead']] as const)),
    ['esc', 'cancel'],
  ]);
  return [...wrong, asked, [...cancel, ...keys]];
}

/** A confirmed plan of this console that waits for somebody else. */
export function signingPanel(scene: Scene, wait: WaitOnScreen): Panel {
  const { columns, now, console, fleet } = scene;
  const width = columns - 6;
  const { state } = wait;
  const body: Line[] = [
    ...field('waits', `for a second person, ${duration(now - state.since)} so far`, width, 'warn'),
    ...field('needs', state.needs, width),
    ...field('who', `anybody but you (${console.operator}), at a console of fleet ${fleet.fleetName} on any machine`, width),
    ...field('how', 'the key Y there, or in a shell:', width),
    ...field('', state.command, width, 'accent'),
    ...field('until', `${formatClock(state.until)}, ${duration(Math.max(0, state.until - now))} more; then nothing is sent`, width),
    ...field('then', 'once it is signed it is sent by itself, if what was on the card is still so', width),
    ...(state.seen
      ? []
      : field('beware', `${glyphOf('unknown')} the host with the request does not answer now; it is asked again`, width, 'unknown')),
  ];
  const foot = hints([
    ['x', 'end the wait, nothing is sent'],
    ['esc', 'wait behind the screen'],
  ]);
  return { title: wait.title, env: wait.env, body, foot: [foot] };
}
