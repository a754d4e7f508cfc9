package upkeep

import (
	"context"
	"net/http"
	"time"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

// term says whether a club accepted the agreement on data care.
type term struct {
	Club string
	// Accepted is when it did, in the town's zone, and By who, "" when that person
	// left; zero when it has not accepted the version that holds.
	Accepted time.Time
	By       string
	// Agree is nil for what is accepted.
	Agree *component.Form
}

// terms gives the clubs of which the person is an owner, those first that have
// not accepted the agreement.
func (s *Surface) terms(r *http.Request, who *page.Person) ([]term, error) {
	ctx := r.Context()
	version, err := s.Care.Version(ctx)
	if err != nil {
		return nil, err
	}
	agreed, err := s.Care.Agreed(ctx)
	if err != nil {
		return nil, err
	}
	var open, done []term
	for _, c := range who.Clubs {
		if c.Role != actor.Owner || c.Part() {
			continue
		}
		one := term{Club: c.DisplayName()}
		if a := agreed[c.ID]; a != nil {
			one.Accepted = a.Accepted.In(s.Zone)
			if one.By, err = s.nameOf(ctx, a.AccountID); err != nil {
				return nil, err
			}
			done = append(done, one)
			continue
		}
		f := s.button(r, page.CarePath, component.Button{Key: "care.terms.agree", Icon: "check"}, "act", "agree", "club", c.ID, "version", version.Format(time.RFC3339))
		one.Agree = &f
		open = append(open, one)
	}
	return append(open, done...), nil
}

// nameOf gives the name of a person, "" for one who left.
func (s *Surface) nameOf(ctx context.Context, id string) (string, error) {
	a, err := s.Accounts.Find(ctx, id)
	if problem.KindOf(err) == problem.NotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return a.Name, nil
}
