import { Container } from './container.js'

/** A basket of fruit. */
export class Basket extends Container {
  /** Put one piece in. */
  add(name, count = 1) {
    if (count < 1) {
      throw new UnknownFruitError(name)
    }
    return price(name) * count
  }
}

/** What one piece costs. */
export function price(name) {
  return secret(name)
}

function secret(name) {
  return 3
}

it('adds up', () => {
  new Basket().add('apple')
})
