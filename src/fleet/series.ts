/** A ring of the newest `capacity` numbers; `null` marks a time that was not measured. Values are in the caller's unit. */
export class Series {
  readonly #values: Float64Array;
  #next = 0;
  #length = 0;

  constructor(capacity: number) {
    this.#values = new Float64Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number | null): void {
    this.#values[this.#next] = value ?? Number.NaN;
    this.#next = (this.#next + 1) % this.#values.length;
    if (this.#length < this.#values.length) this.#length += 1;
  }

  /** The newest `count` values, oldest first. */
  tail(count: number): (number | null)[] {
    const size = Math.min(count, this.#length);
    const out: (number | null)[] = [];
    for (let back = size; back > 0; back -= 1) {
      const index = (this.#next - back + this.#values.length) % this.#values.length;
      const value = this.#values[index];
      out.push(value === undefined || Number.isNaN(value) ? null : value);
    }
    return out;
  }
}
