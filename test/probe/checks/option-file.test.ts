import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseOptionFile } from '../../../src/probe/checks/option-file.ts';

describe('an option file', () => {
  it('is read as the clients of MySQL read it', () => {
    const options = parseOptionFile(
      [
        '# all of it',
        '[mysqld]',
        'user = mysql',
        '[client]',
        'user=hkn   # who asks',
        'Password = lost by case',
        'password = "a#b \'c\' \\\\"',
        'port=70000',
        '[ client-mariadb ]',
        'socket = /run/other.sock',
        '; not this',
        'host =',
        '[mysqldump]',
        'user=dump',
      ].join('\r\n'),
    );
    expect(options).toMatchObject({ user: 'hkn', port: null, host: null, socket: '/run/other.sock' });
    expect(options.password?.reveal()).toBe("a#b 'c' \\");
  });

  it('never shows its password', () => {
    const options = parseOptionFile('[client]\npassword=hunter2\n');
    expect(options.password?.reveal()).toBe('hunter2');
    expect(inspect(options) + JSON.stringify(options)).not.toContain('hunter2');
  });

  it('says nothing when it is empty or something else', () => {
    for (const text of ['', 'user=x\n', '\u0000\u0001[client', '[client]\n\n=\n===\npassword\n'])
      expect(parseOptionFile(text)).toEqual({ user: null, password: null, host: null, port: null, socket: null });
  });
});
