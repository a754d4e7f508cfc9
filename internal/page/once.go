package page

import "net/http"

// Once gives what find finds, and asks it once in a request: what the head of a
// page and the page itself both show is looked for by the first of them. name is
// that of the one thing. A request is answered by one goroutine.
func Once[T any](r *http.Request, name string, find func() (T, error)) (T, error) {
	look, ok := r.Context().Value(personKey{}).(*seen)
	if !ok {
		return find()
	}
	if known, ok := look.found[name].(T); ok {
		return known, nil
	}
	v, err := find()
	if err == nil {
		if look.found == nil {
			look.found = map[string]any{}
		}
		look.found[name] = v
	}
	return v, err
}
