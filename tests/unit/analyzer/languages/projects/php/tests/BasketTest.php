<?php

class BasketTest extends TestCase
{
    public function testAdd(): void
    {
        $basket = new Basket();
        $count = $basket->add("apple", 2);
        $this->assertSame(2, $count);
    }
}
