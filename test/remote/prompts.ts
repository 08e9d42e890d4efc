import { Secret } from '../../src/fleet/secret.ts';
import type { HostKeyQuestion, PassphraseQuestion, Prompts } from '../../src/remote/connection.ts';

export interface ScriptedPrompts extends Prompts {
  readonly hostKeys: HostKeyQuestion[];
  readonly passphrases: PassphraseQuestion[];
}

/** A person who answers as told and remembers what was asked. */
export function scriptedPrompts(answers: { hostKey?: 'accept' | 'reject' | null; passphrases?: (string | null)[] }): ScriptedPrompts {
  const hostKeys: HostKeyQuestion[] = [];
  const passphrases: PassphraseQuestion[] = [];
  const left = [...(answers.passphrases ?? [])];
  return {
    hostKeys,
    passphrases,
    hostKey: async (question) => {
      hostKeys.push(question);
      return answers.hostKey ?? null;
    },
    passphrase: async (question) => {
      passphrases.push(question);
      const answer = left.shift() ?? null;
      return answer === null ? null : new Secret(answer);
    },
  };
}
