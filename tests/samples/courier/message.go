package courier

import "time"

// Message is what a courier carries.
type Message struct {
	Topic    string
	Body     string
	Attempts int
	NotUntil time.Time
	IsDead   bool
}

// again returns the message as it is kept after a failed attempt.
func (m Message) again(retries int) Message {
	m.Attempts++
	m.IsDead = m.Attempts >= retries
	m.NotUntil = time.Now().Add(pause(m.Attempts))
	return m
}

// pause doubles with every attempt.
func pause(attempts int) time.Duration {
	return time.Second << attempts
}
