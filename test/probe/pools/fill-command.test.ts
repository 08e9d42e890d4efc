import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillCommand } from '../../../src/probe/pools/fill-command.ts';
import { hostOf } from '../../health/fixture.ts';

const hostNamed = (name: string, address: string | null = null) => ({ ...hostOf(name, 'web'), address, zone: null });

function printed(shell: readonly string[], command: string): string {
  const [file = 'sh', ...args] = shell;
  return spawnSync(file, [...args, '-c', command], { encoding: 'utf8', timeout: 10_000 }).stdout;
}

const odd = ["a'b", 'a b', '$(echo x)', '`echo x`', 'a;echo x', 'a"b', 'a\\b', '*', '~', 'é', '#a', 'a&&b', '{a,b}', '!x', 'a=b'];

describe('a place of a command', () => {
  test.each([[['sh']], [['bash']]])('is one word of %s and nothing else, whatever the name', (shell) => {
    const name = fc
      .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
      .filter((text) => !text.startsWith('-') && !/\p{Cc}/u.test(text));
    const names = [...odd, ...fc.sample(name, 60)];
    const filled = names.map((each) => fillCommand('printf "<%s>" {{ member }} {{host}}', hostNamed(each)));
    const commands = filled.flatMap((each) => (each.ok ? [each.command] : []));
    expect(commands.length).toBe(names.length);
    expect(printed(shell, commands.join('; '))).toBe(names.map((each) => `<${each}><${each}>`.toWellFormed()).join(''));
  });

  test('inside the quotes of the template takes only values that need none', () => {
    for (const template of [
      'x "{{ member }}"',
      "x '{{ member }}'",
      'x `y {{ member }}`',
      'x "it\'s {{ member }}"',
      'cat <<E\n{{ member }}\nE',
    ]) {
      expect(fillCommand(template, hostNamed('web1.example-2'))).toMatchObject({ ok: true });
      for (const name of odd.filter((each) => each !== 'a=b'))
        expect(fillCommand(template, hostNamed(name)), `${template} of ${name}`).toMatchObject({ ok: false });
    }
    expect(printed(['sh'], (fillCommand(`printf '%s' "a" 'b' {{ member }}`, hostNamed("x'y")) as { command: string }).command)).toBe(
      "abx'y",
    );
  });

  test('that is not known, or that the inventory does not fill, is refused in words', () => {
    const why = (template: string, name = 'web1') => fillCommand(template, hostNamed(name));
    expect(why('x {{ meber }}')).toEqual({ ok: false, why: 'its command names {{ meber }}; there are member, address and zone' });
    expect(why('x {{ constructor }}')).toMatchObject({ ok: false });
    expect(why('x {{ address }}')).toEqual({ ok: false, why: 'the inventory gives web1 no address' });
    expect(why('x {{ member }}', '-rf')).toEqual({ ok: false, why: 'the member -rf cannot be put into a command' });
    expect(why('x {{ member }}', 'a\nb')).toEqual({ ok: false, why: 'the member a\\x0ab cannot be put into a command' });
  });
});
