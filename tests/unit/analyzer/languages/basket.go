// Package shop sells fruit.
package shop

import "example.org/container"

// Basket is a basket of fruit.
type Basket struct {
	container.Container
}

// Add puts one piece in.
func (b *Basket) Add(name string, count int) int {
	if count < 1 {
		panic(name)
	}
	return Price(name) * count
}

// Price is what one piece costs.
func Price(name string) int {
	return secret(name)
}

func secret(name string) int {
	return 3
}

func TestAdd() {
	new(Basket).Add("apple", 1)
}
