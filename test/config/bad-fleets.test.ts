import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseFleet } from '../../src/config/parse-fleet.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { fixtureNames, fixtures, fixtureText } from './fixture.ts';

describe('a fleet file with faults', () => {
  test.each(fixtureNames('bad'))('%s is told every fault at its place, in the order of the file', async (name) => {
    const text = fixtureText('bad', name);
    const result = parseFleet(text, `bad/${name}`, '/home/ann');
    if (result.ok) throw new Error('the file was accepted');
    const lines = text.split('\n').length;
    for (const problem of result.problems) {
      expect(problem.line).toBeGreaterThanOrEqual(1);
      expect(problem.line).toBeLessThanOrEqual(lines);
    }
    const places = result.problems.map(({ line, column }) => line * 100_000 + column);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    const shown = `${result.problems.map(formatProblem).join('\n')}\n`;
    await expect(shown).toMatchFileSnapshot(join(fixtures, 'bad', name.replace(/yaml$/, 'txt')));
  });
});
