package shop

import "testing"

func TestAdd(t *testing.T) {
	basket := &Basket{}
	count := basket.Add("apple", 2)
	if count != 2 {
		t.Fatal(count)
	}
}
