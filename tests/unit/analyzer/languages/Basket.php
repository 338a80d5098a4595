<?php

use Shop\Container;

/** A basket of fruit. */
class Basket extends Container
{
    /** Put one piece in. */
    public function add(string $name, int $count = 1): int
    {
        if ($count < 1) {
            throw new UnknownFruit($name);
        }
        return $this->price($name) * $count;
    }

    /** What one piece costs. */
    public function price(string $name): int
    {
        return $this->secret($name);
    }

    private function secret(string $name): int
    {
        return 3;
    }
}
