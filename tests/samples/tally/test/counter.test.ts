import { expect, it } from 'vitest'
import { Counter, Limit, Report } from '../src'

it('counts up by more than one', () => {
  const bytes = new Counter('bytes')
  bytes.up(512)
  expect(bytes.value).toBe(512)
})

it('refuses a negative amount', () => {
  const bytes = new Counter('bytes')
  expect(() => bytes.up(-1)).toThrow(RangeError)
})

it('fires a limit once', () => {
  let calls = 0
  const bytes = new Counter('bytes')
  const limit = new Limit(bytes, 1, () => calls++)
  bytes.up(2)
  limit.check()
  limit.check()
  expect(calls).toBe(1)
})

it('lists counters in the order given in a report', () => {
  const report = new Report([new Counter('b'), new Counter('a', 3)])
  expect(report.text()).toBe('b: 0\na: 3')
})
