import { checkPlaybook, type CheckEnd } from '../playbook/dry/check.ts';
import { hostsFrom } from '../playbook/live/hosts-from.ts';
import { readInputs } from '../playbook/inputs.ts';
import type { RunStepView, RunView } from '../playbook/run/run-view.ts';
import { sanitizeText } from '../remote/sanitize.ts';
import { withExecutor } from './act.ts';
import type { GlobalOptions } from './global-options.ts';
import { openOrFailed } from './open-state-dir.ts';
import { operator } from './operator.ts';
import { playbookAndOthers } from './playbook-named.ts';
import { exitCode, UsageError } from './usage-error.ts';

export interface CheckFlags {
  readonly inputs: Readonly<Record<string, string>>;
  readonly reason: string | null;
  readonly json: boolean;
}

/**
 * Walks a playbook on the real fleet and changes nothing: questions are asked, changes are planned. Exit 0 when nothing known would stop
 * it, 1 when something would.
 */
export function checkOfPlaybook(name: string, options: GlobalOptions, flags: CheckFlags): Promise<number> {
  // The executor gets no journal that it could write to, and nothing that could tell anybody.
  return withExecutor(
    options,
    { dryRun: true },
    () => true,
    async (session, executor) => {
      const { file, library } = await playbookAndOthers(session, name);
      const { live: world, mask: redact } = session;
      const read = readInputs(file.playbook.inputs, flags.inputs, (from) => hostsFrom(world, from));
      if (!read.ok) {
        const wrong = Object.entries(read.wrong).map(([input, why]) => `--input ${input}: ${input} ${why}`);
        throw new UsageError(wrong.join('\n'));
      }
      const names = Object.values(read.values).flat();
      const env = world.views().find(({ host }) => names.includes(host.name))?.host.env ?? 'default';
      const journal = openOrFailed(redact, options);
      try {
        const parts = { world, executor, redact, journal, env, who: operator() };
        const end = await checkPlaybook(parts, { file, library, inputs: read.values, reason: flags.reason });
        process.stdout.write(flags.json ? `${JSON.stringify(end)}\n` : sanitizeText(`${textOf(end)}\n`, { keepNewlines: true }));
        return end.wouldStop ? exitCode.failed : exitCode.ok;
      } finally {
        journal.close();
      }
    },
  );
}

function textOf({ view, concerns, wouldStop }: CheckEnd): string {
  const sure = concerns.filter((concern) => concern.sure);
  const maybe = concerns.filter((concern) => !concern.sure);
  const ends = endWords(view);
  return [
    `${view.playbook}: ${view.title}`,
    '  checked on the real fleet; nothing was changed, and nobody was told',
    ...(view.steps[0]?.verb === 'section' ? [] : ['']),
    ...view.steps.flatMap(stepLines),
    '',
    ...sure.map(({ key, what }) => `would stop at ${key}: ${what}`),
    ...maybe.map(({ key, what }) => `may stop at ${key}, on a way that it may not take: ${what}`),
    ...(ends === null ? [] : [ends]),
    ...(wouldStop ? [] : ['nothing that is known now would stop it']),
  ].join('\n');
}

/** How the walk ended, where it is not the end of the page. */
function endWords({ phase }: RunView): string | null {
  if (phase.phase !== 'closed') return 'the walk came to no end: the journal could not be written';
  return phase.result === 'ok' && phase.message === 'every step is done' ? null : `it would end ${phase.result}: ${phase.message}`;
}

function stepLines(step: RunStepView): readonly string[] {
  const indent = '  '.repeat(step.depth);
  if (step.verb === 'section') return [...(step.depth === 0 ? [''] : []), `${indent}${step.title}`];
  const on = step.host === null || step.title.includes(step.host) ? '' : ` on ${step.host}`;
  const note = step.note === null || step.note === '' || step.note === step.title ? '' : ` — ${step.note}`;
  const change = step.verb === 'run' || step.verb === 'do';
  return [
    `${indent}${stateWord(step).padEnd(11)} ${step.title.split('\n', 1)[0] ?? ''}${on}${note}`,
    ...(change ? step.evidence.map((line) => `${indent}            ${line}`) : []),
  ];
}

function stateWord({ state, verb }: RunStepView): string {
  if (state === 'open' || state === 'running') return 'not reached';
  if (state === 'ok' && verb === 'tell') return 'would tell';
  if (state === 'ok' && verb === 'sleep') return 'would wait';
  if (state !== 'either') return state;
  switch (verb) {
    case 'run':
    case 'do':
      return 'would do';
    case 'check':
    case 'wait':
      return 'not yet';
    case 'manual':
    case 'ask':
    case 'choose':
    case 'approve':
      return 'a person';
    default:
      return 'either';
  }
}
