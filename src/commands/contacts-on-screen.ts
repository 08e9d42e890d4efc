import { loadContacts } from '../config/load-contacts.ts';
import { formatProblem } from '../config/problem.ts';
import type { ContactsOnScreen } from '../../views/console.ts';

/** Reads the people of the local file for the screens; a file that cannot be used becomes one sentence. Never rejects. */
export async function contactsOnScreen(file: string | null, whose: 'person' | 'program'): Promise<ContactsOnScreen> {
  if (file === null) return { list: [], file, problem: null };
  const read = await loadContacts(file, whose);
  if (read.ok) return { list: read.contacts, file, problem: null };
  const [first] = read.problems;
  return { list: [], file, problem: first === undefined ? `${file} cannot be used.` : formatProblem({ ...first, excerpt: '' }) };
}
