import { describe, expect, test } from 'vitest';
import { onceRemedy, placeReadTwice } from '../../src/fleet/read-twice.ts';

describe('a value that another shell reads again is found', () => {
  test.each([
    ['eval "ls {{ x }}"', 'eval'],
    ['eval ls {{ x }}', 'eval'],
    ["sh -c 'ls {{ x }}'", 'sh -c'],
    ['cd /tmp && /bin/bash -lc "ls "{{ x }}', 'bash -c'],
    ['bash -eo pipefail -c "{{x}} | wc -l"', 'bash -c'],
    ['sudo -n -u www-data sh -c "touch {{ x }}"', 'sh -c'],
    ['PATH=/bin timeout 5 sh -ec "touch {{ x }}"', 'sh -c'],
    ['docker exec web sh -c {{ x }}', 'sh -c'],
    ['ls | xargs -n 1 sh -c "mv \\$1 {{ x }}" _', 'sh -c'],
    ['if ssh -o BatchMode=yes -p 22 {{ host }} ls {{ x }}; then true; fi', 'ssh'],
    ['n=$(ssh nfs1 -- du {{ x }} 2>/dev/null)', 'ssh'],
    ['ssh -t nfs1 "du {{ x }}" >/tmp/du', 'ssh'],
    ['su - www-data -s /bin/sh -c "ls {{ x }}"', 'su -c'],
    ['sudo runuser -u web --command="ls {{ x }}"', 'runuser -c'],
    ['gcloud compute ssh web1 --command "ls {{ x }}"', 'gcloud compute ssh'],
    ['while true; do watch -n 1 ls {{ x }}; done', 'watch'],
  ])('%s', (command, by) => {
    expect(placeReadTwice(command)).toEqual({ place: 'x', by });
  });

  test.each([
    [['sh', '-c', 'ls {{ x }}'], 'sh -c'],
    [['sudo', 'bash', '-c', 'ls {{ x }}'], 'bash -c'],
    [['ssh', '-i', '{{ key }}', '{{ host }}', 'ls', '{{ x }}'], 'ssh'],
    [['su', '-c', 'ls {{ x }}', 'web'], 'su -c'],
  ])('%j', (command, by) => {
    expect(placeReadTwice(command)).toEqual({ place: 'x', by });
  });
});

test.each([
  'ls {{ x }}',
  'sh -c \'ls "$1"\' _ {{ x }}',
  "printf '%s\\n' {{ x }} | ssh nfs1 'read -r it; ls \"$it\"'",
  'ssh -p {{ port }} -i {{ key }} {{ host }} uptime',
  'ssh {{ host }} uptime > {{ file }} 2>&1',
  'ssh nfs1 uptime; ls {{ x }}',
  'bash /opt/look.sh -c {{ x }}',
  'bash {{ script }}',
  'grep -c ssh {{ x }}',
  'grep sh -c {{ x }}',
  'sudo -u web -- tar -xzc {{ x }}',
  'runuser -u web -- curl -sc {{ jar }} {{ url }}',
  'echo "su -c" {{ x }}',
  'ls # eval {{ x }}',
  'systemctl --command {{ x }}',
])('%s is read once', (command) => {
  expect(placeReadTwice(command)).toBeNull();
});

test('lists of words that give a value behind the script are read once', () => {
  expect(placeReadTwice(['sh', '-c', 'ls "$1"', '_', '{{ x }}'])).toBeNull();
  expect(placeReadTwice(['ls', '-c', '{{ x }}'])).toBeNull();
});

test('the remedy is a way that works for what reads it again', () => {
  const remedies = ['eval', 'ssh', 'sh -c', 'su -c', 'sg -c', 'watch'].map((by) => onceRemedy({ place: 'x', by }));
  expect(new Set(remedies).size).toBe(remedies.length);
  expect(remedies[2]).toBe('Give it behind the script, which has it as "$1": sh -c \'… "$1" …\' _ {{ x }}; or by standard input.');
});
