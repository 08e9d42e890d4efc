/*
 * A step of a run is named by its key: its address, behind the loop items (`roll#web1/restart`) and the playbooks (`handover>daemon`) that
 * it stands in. Tests may say the whole key or the address alone.
 */

/** The step's own address: what stands behind every loop item and playbook. */
export function innerAddress(key: string): string {
  return key.slice(Math.max(key.lastIndexOf('/'), key.lastIndexOf('>')) + 1);
}

/** Whether the file gave the step an id; the address of any other holds a number. */
export function hasOwnId(key: string): boolean {
  return /^[a-z][a-z0-9-]*$/.test(innerAddress(key));
}

/** Whether a test's word means this step. */
export function means(word: string, key: string): boolean {
  return word === key || word === innerAddress(key);
}

/** A key as it is told: whole inside a loop, where only its item tells it apart. */
export function toldKey(key: string): string {
  return key.includes('#') ? key : innerAddress(key);
}

/** What is written down for a key: under its whole name first, then under its address. */
export function under<Value>(given: Readonly<Record<string, Value>>, key: string, suffix = ''): Value | undefined {
  return given[key + suffix] ?? given[innerAddress(key) + suffix];
}
