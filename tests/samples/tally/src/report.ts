import { Counter } from './counter'

/** Counters with their numbers, as text. */
export class Report {
  constructor(readonly counters: Counter[]) {}

  /** One line per counter, in the order given. */
  text(): string {
    return this.counters.map((counter) => line(counter)).join('\n')
  }
}

/** One line of a report. */
function line(counter: Counter): string {
  return `${counter.name}: ${counter.value}`
}
