import { describe, expect, test } from 'vitest';
import { raisePrompt } from '../../views/dispatch.ts';
import { drive, type Driver } from './drive.ts';
import { pencilFleet, testConsole } from './fixture.ts';

const hostKey = { hostName: 'web1', knownAs: '[web1]:2222', keyType: 'ssh-ed25519', fingerprint: 'SHA256:abc', file: '~/.ssh/known_hosts' };
const never = new AbortController().signal;

function asked(): Driver {
  return drive(testConsole(pencilFleet()));
}

describe('questions of the connector', () => {
  test('a host key is accepted only for a typed yes', async () => {
    const driver = asked();
    const answer = driver.console.ask.hostKey(hostKey, never);
    raisePrompt(driver.session);
    const screen = driver.frame(100, 30).join('\n');
    for (const text of ['SHA256:abc', 'ssh-ed25519', '[web1]:2222', '~/.ssh/known_hosts', 'Type yes']) expect(screen).toContain(text);
    driver.press('y', 'enter');
    expect(driver.session.ui.getState().dialog?.kind).toBe('prompt');
    driver.type('es');
    driver.press('enter');
    await expect(answer).resolves.toBe('accept');
    expect(driver.session.ui.getState().dialog).toBeNull();
  });

  test('a pasted yes and an empty answer accept nothing', async () => {
    const driver = asked();
    const answer = driver.console.ask.hostKey(hostKey, never);
    raisePrompt(driver.session);
    driver.paste('yes');
    driver.press('enter');
    await expect(answer).resolves.toBe('reject');
  });

  test('keys typed before the question appeared are no answer', () => {
    const driver = asked();
    void driver.console.ask.hostKey(hostKey, never);
    raisePrompt(driver.session);
    driver.pressAtOnce('y', 'e', 's', 'enter', 'escape');
    expect(driver.session.ui.getState().dialog?.kind).toBe('prompt');
  });

  test('questions queue, and none refuses all host keys that wait', async () => {
    const driver = asked();
    const answers = ['web1', 'web2', 'web3'].map((hostName) => driver.console.ask.hostKey({ ...hostKey, hostName }, never));
    raisePrompt(driver.session);
    expect(driver.frame(100, 30).join('\n')).toContain('1 of 3 questions');
    driver.press('escape');
    await expect(answers[0]).resolves.toBe('reject');
    expect(driver.frame(100, 30).join('\n')).toContain('host key of web2');
    driver.type('none');
    driver.press('enter');
    await expect(Promise.all(answers)).resolves.toEqual(['reject', 'reject', 'reject']);
  });

  test('a passphrase is never on the screen and comes back as a secret', async () => {
    const driver = asked();
    const answer = driver.console.ask.passphrase({ keyFile: '~/.ssh/id_ed25519', again: false }, never);
    raisePrompt(driver.session);
    driver.type('tr0ub');
    driver.paste('adour');
    expect(driver.frame(100, 30).join('\n')).not.toContain('tr0ub');
    driver.press('enter');
    const secret = await answer;
    expect(secret?.reveal()).toBe('tr0ubadour');
    expect(JSON.stringify(driver.session.ui.getState())).not.toContain('tr0ub');
  });

  test('a question waits while something else has the keyboard', () => {
    const driver = asked();
    driver.press('/', 'w');
    void driver.console.ask.hostKey(hostKey, never);
    raisePrompt(driver.session);
    expect(driver.session.ui.getState().dialog).toBeNull();
    expect(driver.frame(120, 30)[0]).toContain('1 question');
    driver.press('enter');
    expect(driver.session.ui.getState().dialog?.kind).toBe('prompt');
  });

  test('an aborted question leaves the screen', async () => {
    const driver = asked();
    const abort = new AbortController();
    const answer = driver.console.ask.hostKey(hostKey, abort.signal);
    raisePrompt(driver.session);
    abort.abort();
    raisePrompt(driver.session);
    await expect(answer).resolves.toBeNull();
    expect(driver.session.ui.getState().dialog).toBeNull();
  });
});
