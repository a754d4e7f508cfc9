package page

import "net/http"

// Remember keeps a value for this browser, signed in or not, until it is asked
// for: it ties what comes back from elsewhere to who left.
func (s *Sessions) Remember(r *http.Request, key, value string) {
	s.manager.Put(r.Context(), "remembered "+key, value)
}

// Remembered gives that value; "" when there is none.
func (s *Sessions) Remembered(r *http.Request, key string) string {
	return s.manager.GetString(r.Context(), "remembered "+key)
}

// Forget drops that value.
func (s *Sessions) Forget(r *http.Request, key string) {
	s.manager.Remove(r.Context(), "remembered "+key)
}
