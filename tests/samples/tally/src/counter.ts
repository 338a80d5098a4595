/** One number that only grows. */
export class Counter {
  private count = 0

  /**
   * @param name What reports show.
   * @param start The number to begin with.
   */
  constructor(readonly name: string, start: number = 0) {
    this.count = start
  }

  /** The number so far. */
  get value(): number {
    return this.count
  }

  /** Count up, by one unless an amount is given. */
  up(amount: number = 1): number {
    if (amount < 0) {
      throw new RangeError('A counter only grows')
    }
    this.count += amount
    return this.count
  }

  /** Give back the number and begin again at zero. */
  reset(): number {
    const last = this.count
    this.count = 0
    return last
  }
}
