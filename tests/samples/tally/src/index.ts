export { Counter } from './counter'
export { Limit } from './limit'
export { Report } from './report'
