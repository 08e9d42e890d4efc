import { describe, expect, test } from 'vitest';
import { AlertLog } from '../../src/journal/alert-log.ts';
import { alertEpisodes } from '../../src/journal/alert-episodes.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import { ownDir } from './fixture.ts';
import { alert, began, minute } from './incident/story.ts';

function logIn(dir: string, who = 'ann@deck') {
  const clock = { now: began };
  const journal = openJournal(dir, () => new Date(clock.now));
  const log = new AlertLog({ journal, fleet: 'pencilcode', who });
  const take = (alerts: Parameters<AlertLog['take']>[0], at: number): void => {
    clock.now = at;
    log.take(alerts, at);
  };
  return { journal, log, take, episodes: () => alertEpisodes(journal.ofKinds(['alert']), 'pencilcode') };
}

describe('alerts in the journal', () => {
  test('begin, ack and end of an alert are entries, and read back as one episode', () => {
    const { take, episodes, journal } = logIn(ownDir());
    take([alert()], began + 10_000);
    take([alert()], began + 20_000);
    take([alert({ ackedBy: 'kim@desk' })], began + 30_000);
    take([], began + 5 * minute);
    expect(journal.ofKinds(['alert']).map((entry) => entry.outcome)).toEqual(['begin', 'changed', 'end']);
    expect(journal.tail(1)[0]?.detail['title']).toBe('alert nfs-slow ended on nfs1: NFS latency 48 ms (limit 20)');
    expect(episodes()).toMatchObject([
      { name: 'nfs-slow', since: began, endedAt: began + 5 * minute, ackedBy: 'kim@desk', ackedAt: began + 30_000, host: 'nfs1' },
    ]);
  });

  test('an alert that comes back is a new episode', () => {
    const { take, episodes } = logIn(ownDir());
    take([alert()], began);
    take([], began + 2 * minute);
    take([alert({ since: began + 10 * minute })], began + 11 * minute);
    expect(episodes().map(({ since, endedAt }) => [since, endedAt])).toEqual([
      [began, began + 2 * minute],
      [began + 10 * minute, null],
    ]);
  });

  test('three hundred at once are two entries, all of them kept', () => {
    const { take, log, episodes, journal } = logIn(ownDir());
    const storm = Array.from({ length: 300 }, (_, index) =>
      alert({ id: `load@web${index}`, name: 'load', hostName: `web${index}`, cause: alert().id }),
    );
    take([alert(), ...storm], began);
    log.flush(began + 3000, false);
    expect(journal.ofKinds(['alert'])).toHaveLength(2);
    expect(episodes()).toHaveLength(301);
    expect(journal.ofKinds(['alert'])[0]?.detail['title']).toBe('alerts: 200 began');
  });

  test('what flaps for ten minutes fills no journal, and the end of the console writes what was held back', () => {
    const { take, log, journal, episodes } = logIn(ownDir());
    for (let at = 0; at < 9 * minute; at += 3000) take(at % 6000 === 0 ? [alert({ since: began + at })] : [], began + at);
    expect(journal.ofKinds(['alert']).length).toBeLessThanOrEqual(60);
    take([alert({ since: began + 9 * minute, what: 'the last word' })], began + 9 * minute);
    log.flush(began + 9 * minute, true);
    expect(episodes().at(-1)).toMatchObject({ what: 'the last word', endedAt: null });
  });

  test('two consoles that see the same alert make one episode', () => {
    const dir = ownDir();
    const one = logIn(dir);
    const two = logIn(dir, 'kim@desk');
    one.take([alert()], began);
    two.take([alert({ since: began + 4000 })], began + 5000);
    one.take([], began + minute);
    two.take([], began + minute + 3000);
    expect(one.episodes()).toMatchObject([{ since: began, endedAt: began + minute }]);
  });

  test('a journal that cannot be written never reaches the console', () => {
    const { take, journal } = logIn(ownDir());
    journal.close();
    expect(() => take([alert()], began)).not.toThrow();
  });

  test('another fleet’s alerts in the same journal are not ours', () => {
    const { take, journal } = logIn(ownDir());
    take([alert()], began);
    expect(alertEpisodes(journal.ofKinds(['alert']), 'demo')).toEqual([]);
  });
});
