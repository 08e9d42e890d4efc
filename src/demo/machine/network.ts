/** Counters of one line of /proc/net/dev. */
export class InterfaceCounters {
  readonly name: string;
  rxBytes = 0;
  rxPackets = 0;
  txBytes = 0;
  txPackets = 0;

  constructor(name: string) {
    this.name = name;
  }

  advance(seconds: number, rxBytesPerS: number, txBytesPerS: number): void {
    this.rxBytes += rxBytesPerS * seconds;
    this.rxPackets += (rxBytesPerS * seconds) / 610;
    this.txBytes += txBytesPerS * seconds;
    this.txPackets += (txBytesPerS * seconds) / 720;
  }
}
