import { Counter } from './counter'

/** Calls back once when a counter passes a number. */
export class Limit {
  private fired = false

  constructor(readonly counter: Counter, readonly most: number, readonly act: () => void) {}

  /** Look at the counter; returns whether it is above the limit. */
  check(): boolean {
    const above = this.counter.value > this.most
    if (above && !this.fired) {
      this.fired = true
      this.act()
    }
    if (!above) {
      this.rearm()
    }
    return above
  }

  /** Be ready to fire again. */
  private rearm(): void {
    this.fired = false
  }
}
