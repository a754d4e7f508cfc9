package app

import (
	"context"
	"strings"
	"sync"

	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/opportunity"
	"codeberg.org/aushang/aushang/internal/term"
	"codeberg.org/aushang/aushang/web/locale"
	"codeberg.org/aushang/aushang/web/prepared"
)

// termLists lists the lists of words that the town has of its own, in the order of
// their page: of what they are, and what has them.
func termLists() ([]term.List, error) {
	words, err := locale.NewCatalogue(club.Files)
	if err != nil {
		return nil, err
	}
	say := func(language, key string) string {
		said, err := words.Message(language, key, nil)
		if err != nil {
			return key
		}
		return said
	}
	return []term.List{
		{Name: event.TermList, Presets: event.Presets(), Table: "events", ID: "object_id", Column: "category", Searched: true, Path: event.Path},
		{Name: club.TermList, Presets: club.Presets(say), Table: "clubs", ID: "actor_id", Column: "field", Searched: true, Path: club.Path},
		{Name: opportunity.TermList, Presets: opportunity.Presets(), Table: "opportunities", ID: "object_id", Column: "field", Searched: true, Path: "/ehrenamt"},
	}, nil
}

// termKeys says how the keys of the words of a list begin.
var termKeys = map[string]string{event.TermList: event.WordKey, club.TermList: club.WordKey, opportunity.TermList: opportunity.WordKey}

// book gives the town's lists of words, from memory where it can. Without its
// database it has those that it had last.
func (t *Town) book() term.Book {
	t.words.mu.Lock()
	known := t.words.known
	t.words.mu.Unlock()
	read := func() (term.Book, error) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		return t.Terms.Book(ctx)
	}
	var b term.Book
	var err error
	if known == nil {
		b, err = read() // nothing is served
	} else {
		b, err = known.Find("", read)
	}
	t.words.mu.Lock()
	defer t.words.mu.Unlock()
	if err != nil {
		t.log.Error("read the lists of words", "error", err)
		return t.words.last
	}
	t.words.last = b
	return b
}

// bookMemory is what is known of the lists of words.
type bookMemory struct {
	mu    sync.Mutex
	known *prepared.Facts[term.Book]
	last  term.Book
}

// remember lets the lists of words be answered from the memory of the routes.
func (m *bookMemory) remember(store *prepared.Store) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known = prepared.NewFacts[term.Book](store)
}

// ownWord gives the town's word for a key of one of its lists.
func (t *Town) ownWord(lang, key string) (string, bool) {
	for list, begins := range termKeys {
		if name, is := strings.CutPrefix(key, begins); is {
			if found := t.book().Find(list, name); found != nil {
				return found.Word(lang), true
			}
		}
	}
	return "", false
}

// terms opens the lists of words and hands them to those who use them.
func (t *Town) terms() error {
	lists, err := termLists()
	if err != nil {
		return err
	}
	t.Terms = term.New(t.db, t.Actors, lists...)
	t.words.last = t.Terms.Presets()
	t.Events.Terms, t.Events.TermsIn, t.Clubs.Terms = t.book, t.Terms.BookIn, t.book
	return nil
}
