/** Shell variables that bring a run's secrets to a command, as they stand in it. */
const variable = /"\$(QD_SECRET_\w+)"/g;

/** Names of the variables that a command takes secrets from. */
export function secretVariables(command: string): readonly string[] {
  return [...command.matchAll(variable)].map(([, name = '']) => name);
}

/** Whether what a command says may hold a secret, which only the console that sent it could mask. */
export function takesSecret(command: string): boolean {
  return secretVariables(command).length > 0;
}
