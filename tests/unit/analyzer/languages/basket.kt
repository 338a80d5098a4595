package shop

import shop.container.Container

/** A basket of fruit. */
class Basket : Container() {
    /** Put one piece in. */
    fun add(name: String, count: Int): Int {
        if (count < 1) {
            throw UnknownFruit(name)
        }
        return price(name) * count
    }
}

/** What one piece costs. */
fun price(name: String): Int {
    return secret(name)
}

private fun secret(name: String): Int {
    return 3
}
