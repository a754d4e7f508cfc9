package locale

import "errors"

// A Wording says things in one language, and remembers in Err what it could not:
// who writes many sentences looks once, at the end.
type Wording struct {
	Words *Catalogue
	Lang  string
	Err   error
}

// Say gives the words of key, filled in with data.
func (w *Wording) Say(key string, data any) string {
	s, err := w.Words.Message(w.Lang, key, data)
	w.Err = errors.Join(w.Err, err)
	return s
}

// Count gives the words of key for n things.
func (w *Wording) Count(key string, n int) string {
	s, err := w.Words.Plural(w.Lang, key, n)
	w.Err = errors.Join(w.Err, err)
	return s
}
