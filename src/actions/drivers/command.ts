import type { Driver, RequestOf } from '../driver.ts';
import { plannedCommand } from '../sudo-command.ts';

/** One command of a runbook, as it stands there. Its exit status is all that proves it; the runbook's next steps look at the effect. */
export const command: Driver<RequestOf<'command'>> = {
  action: 'command',
  draft: (_context, view, request) => ({
    ok: true,
    draft: {
      title: `${request.title} on ${view.host.name}`,
      subject: `${view.host.name}/${request.step}`,
      risk: request.risk,
      commands: [plannedCommand(view, 'change', request.command, { kind: 'no' }, request.timeoutMs)],
      proofs: [{ kind: 'command', text: 'the command ends with exit 0; the steps after it look at the effect' }],
      now: [{ text: `${view.host.name}: ${view.verdict.health}`, health: view.verdict.health }],
      expected: 'exit 0',
      warnings: [],
      undo: request.undo ?? 'cannot be undone by itself',
      undoRequest: null,
      before: {},
    },
  }),
  longestMs: (_fleet, request) => request.timeoutMs,
  prove: async (_context, _plan, _request, sent) => {
    const last = sent.results.at(-1);
    if (last?.end === 'exit' && last.exit === 0) return { kind: 'ok', summary: 'exit 0', evidence: [] };
    return { kind: 'unknown', summary: 'the end of the command was not seen', evidence: [] };
  },
};
