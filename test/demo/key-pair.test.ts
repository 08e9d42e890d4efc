import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { makeKeyPair } from '../../src/demo/ssh/key-pair.ts';

test('every key pair that the embedded fleet makes can be read back', () => {
  const unreadable = Array.from({ length: 2000 }, () => makeKeyPair('any')).filter(
    (pair) => ssh2.utils.parseKey(pair.private) instanceof Error || ssh2.utils.parseKey(pair.public) instanceof Error,
  );
  expect(unreadable).toEqual([]);
});
