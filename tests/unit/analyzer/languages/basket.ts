import { Container } from './container'

/** A basket of fruit. */
export class Basket extends Container {
  /** Put one piece in. */
  add(name: string, count: number = 1): number {
    if (count < 1) {
      throw new UnknownFruitError(name)
    }
    return price(name) * count
  }
}

/** What one piece costs. */
export function price(name: string): number {
  return secret(name)
}

function secret(name: string): number {
  return 3
}

it('adds up', () => {
  new Basket().add('apple')
})
