/** Of a text, its beginning: an incident may hold pages. */
const longest = 20_000;

/** The first of these words or phrases that stands in a text as whole words, whatever its case and spacing; `null` when none does. */
export function wordsIn(text: string, words: readonly string[]): string | null {
  const within = plain(text.slice(0, longest));
  return words.find((phrase) => stands(within, plain(phrase))) ?? null;
}

function stands(text: string, phrase: string): boolean {
  if (phrase === '') return false;
  for (let at = text.indexOf(phrase); at !== -1; at = text.indexOf(phrase, at + 1)) {
    const before = text.slice(0, at).at(-1) ?? ' ';
    const after = text[at + phrase.length] ?? ' ';
    // `port 8816` does not stand in `port 88160`, nor `NFS` in `confs`; a path or a dash has its own ends.
    if (!(isWord(before) && isWord(phrase[0] ?? '')) && !(isWord(after) && isWord(phrase.at(-1) ?? ''))) return true;
  }
  return false;
}

const isWord = (sign: string): boolean => /[\p{L}\p{N}_]/u.test(sign);

function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
}
