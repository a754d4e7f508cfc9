package activitypub

import (
	"net/http"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/problem"
)

// admitted refuses who asks in the name of a host that is kept out. Whether the
// signature holds does not matter: nobody is better off for naming a host that
// is not his. Deliveries are refused by the inbox itself.
func (s *Surface) admitted(next http.Handler) http.Handler {
	return s.handle(func(w http.ResponseWriter, r *http.Request) error {
		if r.Method != http.MethodPost {
			if host := as.Host(s.KeyID(r)); host != "" {
				blocked, err := s.Actors.Blocked(r.Context(), host)
				if err != nil {
					return err
				}
				if blocked {
					w.Header().Set("Cache-Control", "no-store")
					return problem.Forbiddenf("%s is kept out", host)
				}
			}
		}
		next.ServeHTTP(w, r)
		return nil
	})
}
