import { sshOf, type CustomAction, type Fleet } from '../../fleet/definition.ts';
import type { HostView } from '../../fleet/view.ts';
import { redacted } from '../../journal/redact.ts';
import { shq } from '../../remote/quote.ts';
import { refusal, type Driver, type DriverContext, type DraftResult, type Proof, type RequestOf, type Sent } from '../driver.ts';
import { plannedCommand } from '../sudo-command.ts';

const deadlineMs = 300_000;

/** An action of the fleet file. Its proof is its own exit status, and the plan says so. */
export const custom: Driver<RequestOf<'custom'>> = {
  action: 'custom',
  draft: (context, view, request) => {
    const spec = specOf(context.fleet, view, request.name);
    if (typeof spec === 'string') return refusal('unknown-target', spec);
    const wrong = wrongInputs(spec, request.inputs);
    if (wrong !== null) return refusal('unknown-target', wrong);
    return draftCommand(context, view, spec, request.inputs, spec.run, {
      title: `${spec.name} on ${view.host.name}`,
      undo:
        spec.undo === null
          ? `cannot be undone${spec.why === null ? '' : `: ${spec.why}`}`
          : `undone by: ${filled(spec.undo, request.inputs)}`,
      undoRequest:
        spec.undo === null ? null : { action: 'custom-undo', hostId: request.hostId, name: request.name, inputs: request.inputs },
    });
  },
  longestMs: () => deadlineMs,
  prove: (_context, plan, _request, sent) => Promise.resolve(byExit(plan.title, sent)),
};

/** The inverse that a custom action declares. */
export const customUndo: Driver<RequestOf<'custom-undo'>> = {
  action: 'custom-undo',
  draft: (context, view, request) => {
    const spec = specOf(context.fleet, view, request.name);
    if (typeof spec === 'string') return refusal('unknown-target', spec);
    if (spec.undo === null) return refusal('not-available', `${spec.name} declares no undo`);
    const wrong = wrongInputs(spec, request.inputs);
    if (wrong !== null) return refusal('unknown-target', wrong);
    return draftCommand(context, view, spec, request.inputs, spec.undo, {
      title: `Undo ${spec.name} on ${view.host.name}`,
      undo: 'cannot be undone: it is itself an undo',
      undoRequest: null,
    });
  },
  longestMs: () => deadlineMs,
  prove: (_context, plan, _request, sent) => Promise.resolve(byExit(plan.title, sent)),
};

function draftCommand(
  context: DriverContext,
  view: HostView,
  spec: CustomAction,
  inputs: Readonly<Record<string, string>>,
  template: string,
  words: { readonly title: string; readonly undo: string; readonly undoRequest: RequestOf<'custom-undo'> | null },
): DraftResult {
  const sudo = sshOf(context.fleet, view.host.role).sudo;
  return {
    ok: true,
    draft: {
      ...words,
      subject: `${view.host.name}/${spec.name}`,
      risk: spec.risk,
      commands: [plannedCommand(view, 'change', filled(template, inputs), sudo, deadlineMs)],
      proofs: [{ kind: 'command', text: 'the command ends with exit 0; the fleet file names no proof of its effect' }],
      now: [{ text: `${view.host.name}: ${view.verdict.health}`, health: view.verdict.health }],
      expected: spec.why ?? 'as the fleet file says',
      warnings: [],
      before: {},
    },
  };
}

function specOf(fleet: Fleet, view: HostView, name: string): CustomAction | string {
  const spec = fleet.actions.find((action) => action.name === name);
  if (spec === undefined) return `the fleet file has no action ${JSON.stringify(name)}`;
  if (view.host.role === null || !spec.on.includes(view.host.role))
    return `${name} is for ${spec.on.join(', ')}; ${view.host.name} is ${view.host.role ?? 'without a role'}`;
  return spec;
}

/** Puts the answers into the template, each quoted as one shell word. */
function filled(template: string, inputs: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{\s*([\w-]+)\s*\}\}/g, (_, name: string) => shq(inputs[name] ?? ''));
}

/** Why the answers do not fit the declared inputs, `null` when they do. */
export function wrongInputs(spec: CustomAction, inputs: Readonly<Record<string, string>>): string | null {
  for (const name of Object.keys(inputs))
    if (!spec.inputs.some((input) => input.name === name)) return `${spec.name} has no input ${JSON.stringify(name)}`;
  for (const input of spec.inputs) {
    const given = inputs[input.name];
    if (given === undefined || given === '') {
      if (input.optional) continue;
      return `${spec.name} needs ${input.name}${input.help === null ? '' : ` (${input.help})`}`;
    }
    if (given.includes(redacted)) return `${input.name} was masked when it was written down; give it again`;
    if (given.startsWith('-')) return `${input.name} may not begin with a dash: the command would read it as an option`;
    const expected = mismatch(input.type, given, input.choices);
    if (expected !== null) return `${input.name} must be ${expected}, not ${JSON.stringify(given)}`;
    if (input.pattern !== null && !input.pattern.test(given)) return `${input.name} must match ${input.pattern.source}`;
  }
  return null;
}

function mismatch(type: CustomAction['inputs'][number]['type'], given: string, choices: readonly string[]): string | null {
  switch (type) {
    case 'int':
      return /^\d+$/.test(given) ? null : 'a whole number';
    case 'number':
      return /^\d+(\.\d+)?$/.test(given) ? null : 'a number';
    case 'bool':
      return /^(true|false)$/.test(given) ? null : 'true or false';
    case 'choice':
      return choices.includes(given) ? null : `one of ${choices.join(', ')}`;
    case 'duration':
      return /^\d+(ms|s|m|h|d)$/.test(given) ? null : 'a duration such as 30s';
    case 'url':
      return URL.canParse(given) ? null : 'a URL';
    case 'host':
      return /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(given) ? null : 'a host name';
    case 'secret':
      return 'given another way: secret inputs are not available yet, because they must not stand in a command line';
    case 'text':
      return null;
    default:
      return type satisfies never;
  }
}

function byExit(title: string, sent: Sent): Proof {
  const last = sent.results.at(-1);
  if (last === undefined || last.end !== 'exit') return { kind: 'unknown', summary: `the end of ${title} was not seen`, evidence: [] };
  const evidence = last.stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-5);
  if (last.exit === 0) return { kind: 'ok', summary: `${title}: exit 0`, evidence };
  return { kind: 'failed', summary: `${title}: exit ${last.exit ?? '?'}`, evidence };
}
