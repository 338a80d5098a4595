// Package courier delivers messages that must not get lost.
package courier

import (
	"errors"
	"fmt"
)

// ErrNoStore says that a courier was made without a store.
var ErrNoStore = errors.New("courier: no store")

// Handler deals with one message; an error means that it has to come again.
type Handler func(Message) error

// Courier keeps messages in a store and hands them to handlers.
type Courier struct {
	store    Store
	handlers map[string]Handler
	retries  int
}

// Option changes how a courier works.
type Option func(*Courier)

// WithRetries sets how often a message is tried before it is dead.
func WithRetries(count int) Option {
	return func(c *Courier) {
		c.retries = count
	}
}

// New makes a courier on a store.
func New(store Store, options ...Option) *Courier {
	if store == nil {
		panic(ErrNoStore)
	}
	c := &Courier{store: store, handlers: map[string]Handler{}, retries: 5}
	for _, option := range options {
		option(c)
	}
	return c
}

// Handle gives a topic its handler.
func (c *Courier) Handle(topic string, handler Handler) {
	if _, known := c.handlers[topic]; known {
		panic(fmt.Sprintf("courier: %s has a handler", topic))
	}
	c.handlers[topic] = handler
}

// Send keeps a message until it has been delivered.
func (c *Courier) Send(topic, body string) {
	c.store.Put(Message{Topic: topic, Body: body})
}

// Deliver hands every message that is due to its handler and returns how many arrived.
func (c *Courier) Deliver() int {
	arrived := 0
	for _, message := range c.store.Due() {
		if c.attempt(message) {
			arrived++
		}
	}
	return arrived
}

// attempt tries one message; a failed one goes back with a longer pause.
func (c *Courier) attempt(message Message) bool {
	handler, known := c.handlers[message.Topic]
	if !known {
		return false
	}
	if err := handler(message); err != nil {
		c.store.Put(message.again(c.retries))
		return false
	}
	c.store.Remove(message)
	return true
}

// Dead lists the messages that are not tried any more.
func (c *Courier) Dead() []Message {
	return c.store.Dead()
}
