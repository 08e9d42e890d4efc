import * as z from 'zod';
import type { Contact } from '../fleet/contact.ts';
import { readBounded } from './bounded-file.ts';
import { FleetReader, isMap } from './fleet-reader.ts';
import { fileProblem, type Problem } from './problem.ts';
import { names, text } from './schema/values.ts';
import { SourceText } from './source-text.ts';
import { strictModeProblem } from './strict-modes.ts';
import { wrongEncoding } from './text-encoding.ts';
import { valueInWords } from './visible.ts';
import { maxYamlBytes, readYaml } from './yaml-tree.ts';

export type ContactsResult =
  | { readonly ok: true; readonly contacts: readonly Contact[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const contactSchema = z.strictObject({
  name: text,
  role: text.optional(),
  phone: z.union([text, z.number()], { error: 'must be a number as text' }).transform(String).optional(),
  mail: text.optional(),
  when: text.optional(),
  for: names.optional(),
});

/**
 * The local file of people to reach out of band: `contacts:`, a list of name, role, phone, mail, when, for. Everything wrong is a problem
 * with its place; never rejects. The file holds people's numbers: it is read by nobody else, and what is in it is never sent or kept.
 * @param whose `program`: a file that comes with the program has nobody's numbers in it, and the modes that a checkout gave it
 */
export async function loadContacts(path: string, whose: 'person' | 'program' = 'person'): Promise<ContactsResult> {
  const modes = whose === 'program' ? null : await strictModeProblem(path);
  if (modes !== null) return failed(fileProblem(path, `The contacts file ${modes}.`));
  const file = await readBounded(path, maxYamlBytes);
  if (!file.ok) return failed(fileProblem(path, `The contacts file ${file.text}.`));
  if (whose === 'person' && (file.mode & 0o044) !== 0)
    return failed(fileProblem(path, 'Others may read the numbers in the contacts file.', `Run: chmod 600 ${path}`));
  const encoding = wrongEncoding(file.bytes, path);
  return encoding === null ? parseContacts(file.bytes.toString('utf8'), path) : failed(encoding);
}

/** The same of a text. */
export function parseContacts(given: string, path: string): ContactsResult {
  const source = new SourceText(given);
  const { tree, findings } = readYaml(source);
  if (tree === null) return { ok: false, problems: findings.map((finding) => problem(finding, source, path)) };
  const root = tree.data;
  if (!isMap(root)) {
    const finding = {
      span: tree.span([], 'value'),
      message: `The file must be a map, not ${valueInWords(root)}.`,
      remedy: 'Begin with "contacts:".',
    };
    return { ok: false, problems: [problem(finding, source, path)] };
  }
  const reader = new FleetReader(root);
  const list = reader.section('contacts');
  for (const key of Object.keys(root))
    if (key !== 'contacts') reader.complain([key], 'key', `Unknown key "${key}".`, 'The file has one key, "contacts".');
  if (!Array.isArray(list)) reader.complain(['contacts'], 'value', 'contacts must be a list of people.');
  const items: readonly unknown[] = Array.isArray(list) ? list : [];
  const contacts = items.flatMap((item, index): Contact[] => {
    const read = reader.read(contactSchema, item, ['contacts', index]);
    if (read === undefined) return [];
    if (read.phone === undefined && read.mail === undefined)
      reader.complain(['contacts', index, 'name'], 'value', `${read.name} has neither phone nor mail.`, 'Give one of them.');
    const { name, role, phone, mail, when } = read;
    return [{ name, role: role ?? null, phone: phone ?? null, mail: mail ?? null, when: when ?? null, for: read.for ?? [] }];
  });
  const wrong = [
    ...findings,
    ...reader.complaints.map(({ path: at, at: part, message, remedy }) => ({ span: tree.span(at, part), message, remedy })),
  ];
  if (wrong.length > 0) return { ok: false, problems: wrong.map((finding) => problem(finding, source, path)) };
  return { ok: true, contacts };
}

function problem(
  finding: { readonly span: { readonly start: number; readonly end: number }; readonly message: string; readonly remedy: string | null },
  source: SourceText,
  file: string,
): Problem {
  const { span, message, remedy } = finding;
  return { file, ...source.positionAt(span.start), message, remedy, excerpt: source.excerpt(span) };
}

function failed(one: Problem): ContactsResult {
  return { ok: false, problems: [one] };
}
