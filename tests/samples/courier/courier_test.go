package courier

import (
	"errors"
	"testing"
)

func TestDeliverHandsOver(t *testing.T) {
	c := New(Memory())
	got := ""
	c.Handle("mail", func(m Message) error { got = m.Body; return nil })
	c.Send("mail", "hello")
	if c.Deliver() != 1 || got != "hello" {
		t.Errorf("got %q", got)
	}
}

func TestFailedMessageIsNotDeliveredAgainAtOnce(t *testing.T) {
	c := New(Memory(), WithRetries(3))
	c.Handle("mail", func(Message) error { return errors.New("no") })
	c.Send("mail", "hello")
	c.Deliver()
	if arrived := c.Deliver(); arrived != 0 {
		t.Errorf("%d arrived", arrived)
	}
}

func TestDeadAfterTheLastRetry(t *testing.T) {
	c := New(Memory(), WithRetries(1))
	c.Handle("mail", func(Message) error { return errors.New("no") })
	c.Send("mail", "hello")
	c.Deliver()
	dead := c.Dead()
	if len(dead) != 1 {
		t.Errorf("%d are dead", len(dead))
	}
}

func TestSecondHandlerIsRefused(t *testing.T) {
	c := New(Memory())
	c.Handle("mail", func(Message) error { return nil })
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	c.Handle("mail", func(Message) error { return nil })
}
