import type { Answer, Person, Question } from '../playbook/run/question.ts';

/**
 * A person whose go arms writes where that change is made: a run may last longer than an arming, and its steps may lie in several
 * environments. `arm` takes the name of the change's host, `null` when it names none.
 */
export function armedPerson(person: Person, arm: (host: string | null) => void): Person {
  const heard = (question: Question, answer: Answer): Answer => {
    if (answer.kind === 'go') arm(question.kind === 'go' ? question.host : null);
    return answer;
  };
  const { prepared } = person;
  return {
    who: person.who,
    attended: person.attended,
    ask: async (question, signal) => heard(question, await person.ask(question, signal)),
    prepared: (question) => {
      const answer = prepared?.call(person, question) ?? null;
      return answer === null ? null : heard(question, answer);
    },
  };
}
