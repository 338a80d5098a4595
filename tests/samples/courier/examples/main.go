package main

import (
	"fmt"

	"example.org/courier"
)

func run() int {
	c := courier.New(courier.Memory(), courier.WithRetries(2))
	c.Handle("greeting", func(m courier.Message) error {
		fmt.Println(m.Body)
		return nil
	})
	c.Send("greeting", "good morning")
	return c.Deliver()
}

func main() {
	run()
}
