import { InvalidArgumentError } from 'commander';

/** `NAME=VALUE` of an option that may be repeated. */
export function collectPairs(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It takes NAME=VALUE.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
