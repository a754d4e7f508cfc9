package app

import (
	"context"
	"sync"

	"codeberg.org/aushang/aushang/internal/speech"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/locale"
)

// speakers is all that says something in the manner of the town.
type speakers struct {
	mu  sync.Mutex
	all []func(locale.Manner) error
	now speech.Manner
}

// add lets one more speak in the manner of now.
func (s *speakers) add(speak func(locale.Manner) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, speak)
	if s.now.Whole() == (speech.Manner{}).Whole() {
		return nil // that is how all begin
	}
	return speak(s.now.Words())
}

// speak lets all speak in another manner. It returns when they do.
func (s *speakers) speak(m speech.Manner) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.Whole() == s.now.Whole() {
		return nil
	}
	for _, one := range s.all {
		if err := one(m.Words()); err != nil {
			return err
		}
	}
	s.now = m
	return nil
}

// readWords gives what reads the words of all parts when it is first called.
func readWords() func() (*locale.Catalogue, error) {
	return sync.OnceValues(func() (*locale.Catalogue, error) { return web.Words(parts...) })
}

// catalogue gives the words of all parts, said in the manner of the town: one for
// pages and letters, since there are many.
func (t *Town) catalogue() (*locale.Catalogue, error) {
	if t.says != nil {
		return t.says, nil
	}
	words, err := t.reads()
	if err != nil {
		return nil, err
	}
	t.says = words
	return words, t.speakers.add(words.Speak)
}

// speak looks how the town speaks now, and lets all of it do so.
func (t *Town) speak(ctx context.Context) error {
	m, err := t.Settings.Manner(ctx)
	if err != nil {
		return err
	}
	return t.speakers.speak(m)
}
