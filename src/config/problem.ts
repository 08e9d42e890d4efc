/** One thing wrong with a file, said so that a person can mend it. */
export interface Problem {
  /** Path as the user gave it. */
  readonly file: string;
  /** Counted from 1; 0 when the file could not be read at all. */
  readonly line: number;
  /** Counted from 1 in UTF-16 units, as editors count; 0 when the file could not be read at all. */
  readonly column: number;
  /** One plain sentence. */
  readonly message: string;
  /** What to do about it, when that is known. */
  readonly remedy: string | null;
  /** The source line and a caret line under the place; empty when there is no line to show. Holds no control characters. */
  readonly excerpt: string;
}

/** A problem of a whole file, without a place in it. */
export function fileProblem(file: string, message: string, remedy: string | null = null): Problem {
  return { file, line: 0, column: 0, message, remedy, excerpt: '' };
}

/** A problem as it is printed: `file:line:column: sentence remedy`, then the excerpt. */
export function formatProblem(problem: Problem): string {
  const place = problem.line === 0 ? problem.file : `${problem.file}:${problem.line}:${problem.column}`;
  const remedy = problem.remedy === null ? '' : ` ${problem.remedy}`;
  const excerpt = problem.excerpt === '' ? '' : `\n${problem.excerpt}`;
  return `${place}: ${problem.message}${remedy}${excerpt}`;
}
