/** By the end of what is wrong with a pattern (`whyNoPattern`): what people bring from grep -P, Python and JavaScript that RE2 does not know. */
const remedies: readonly (readonly [RegExp, string])[] = [
  [/neither ahead nor behind/, 'Match what stands around it too, or ask in a second condition: … && !out.matches("…").'],
  [/back references/, 'Write out what may stand there, or let the command compare.'],
  [/too large|repeat count/, 'Count less in {…}, write .* for what may be long, or let the command look: grep -E.'],
  [/\\Z$/, 'Write \\z for the end of the text.'],
  [/\\[uc]$/, 'Write a sign by its number as \\x{2019}.'],
  [/nested repetition|\(\?>$/, 'RE2 never goes back over a text, so a+ and (?:…) do what a++ and (?>…) are for.'],
  [/\[\^?\]/, 'Write (?s:.) for any sign at all, \\[ for the sign itself.'],
];

/** What to write instead of what RE2 does not know. */
export function patternRemedy(why: string): string {
  return (
    remedies.find(([fault]) => fault.test(why))?.[1] ??
    'Write it as RE2 has it: \\s for white space, ^ and $ for the ends of the text, after (?m) of a line, \\\\ before a sign that means itself.'
  );
}
