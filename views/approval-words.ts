import { fitsItsHash, namedOf, type PendingApproval } from '../src/actions/approval-request.ts';
import { type EndedApproval, type SeenApproval, secondsLeft } from '../src/actions/approval-watch.ts';
import type { Console } from './console.ts';
import { duration } from './format.ts';
import { glyphOf, type Token } from './theme.ts';

/** Where a request is, as this console's person sees it. */
export type ApprovalState = 'open' | 'yours' | 'answered' | 'signed' | 'declined';

export function stateOf({ who, signed, count, declined }: PendingApproval, operator: string): ApprovalState {
  if (declined !== null) return 'declined';
  if (signed.length >= count) return 'signed';
  if (who === operator) return 'yours';
  return signed.some((answer) => answer.who === operator) ? 'answered' : 'open';
}

/** Requests that wait for this console's person, oldest first. */
export function waitsForMe({ approvals, operator }: Pick<Console, 'approvals' | 'operator'>): readonly SeenApproval[] {
  return approvals.board().waiting.filter(({ request }) => stateOf(request, operator) === 'open');
}

/** `signed by bob@right (uid 0)`, with how many are missing. */
export function stateWords(
  request: PendingApproval,
  operator: string,
): { readonly glyph: string; readonly word: string; readonly token: Token } {
  const by = request.signed.map(namedOf).join(', ');
  const some = request.signed.length === 0 ? '' : `, ${request.signed.length} of ${request.count} signed`;
  switch (stateOf(request, operator)) {
    case 'open':
      return { glyph: '▸', word: `waits for you${some}`, token: 'warn' };
    case 'yours':
      return { glyph: '…', word: `yours: somebody else signs${some}`, token: 'dim' };
    case 'answered':
      return { glyph: '…', word: `you signed, ${request.signed.length} of ${request.count}`, token: 'ok' };
    case 'signed':
      return { glyph: glyphOf('ok'), word: `signed by ${by}`, token: 'ok' };
    case 'declined':
      return { glyph: glyphOf('warn'), word: declinedWords(request), token: 'warn' };
  }
}

function declinedWords({ declined }: PendingApproval): string {
  return declined === null ? 'declined' : `declined by ${namedOf(declined)}`;
}

/** How a request ended, as far as this console saw it. */
export function endedWords({ request, how }: EndedApproval): { readonly glyph: string; readonly word: string; readonly token: Token } {
  switch (how) {
    case 'signed':
      return { glyph: glyphOf('ok'), word: `signed by ${request.signed.map(namedOf).join(', ')}`, token: 'ok' };
    case 'declined':
      return { glyph: glyphOf('warn'), word: declinedWords(request), token: 'warn' };
    case 'expired':
      return { glyph: glyphOf('stopped'), word: 'nobody signed in time', token: 'dim' };
    case 'gone':
      return { glyph: glyphOf('unknown'), word: 'over: taken back, or signed and sent', token: 'unknown' };
  }
}

/** `good for 7m50s` */
export function goodFor(seen: SeenApproval, now: number): string {
  return `good for ${duration(Math.max(0, secondsLeft(seen, now)) * 1000)}`;
}

/** What somebody who signs types: as for any dangerous change, what it touches. */
export function signWord({ hosts }: Pick<PendingApproval, 'hosts'>): { readonly word: string; readonly what: string } {
  const [only, second] = hosts;
  if (only === undefined) return { word: 'sign', what: 'word' };
  return second === undefined ? { word: only, what: 'host name' } : { word: String(hosts.length), what: 'number of hosts' };
}

/** `on web1`, `on 3 hosts` */
export function hostsWords({ hosts }: Pick<PendingApproval, 'hosts'>): string {
  return hosts.length === 0 ? '' : hosts.length === 1 ? `on ${hosts[0] ?? ''}` : `on ${hosts.length} hosts`;
}

/** Whether what is read here is what the signature stands for. */
export function boundWords(request: PendingApproval): { readonly text: string; readonly token: Token } {
  const short = request.hash.slice(0, 8);
  switch (fitsItsHash(request)) {
    case true:
      return { text: `${short}, made of exactly what stands here`, token: 'text' };
    case false:
      return { text: `${glyphOf('crit')} ${short} is not made of what stands here: somebody changed the request`, token: 'crit' };
    case null:
      return {
        text: `${glyphOf('warn')} ${short}; parts are masked or too long, so this console cannot check that it stands for these words`,
        token: 'warn',
      };
  }
}
