const fewestHosts = 3;
const mostHosts = 5000;

/** @throws RangeError in plain words when `hosts` is not a whole number the demo can make. */
export function checkSize(hosts: number): void {
  if (Number.isInteger(hosts) && hosts >= fewestHosts && hosts <= mostHosts) return;
  throw new RangeError(`The demo fleet has from ${fewestHosts} to ${mostHosts} hosts, not ${hosts}.`);
}
