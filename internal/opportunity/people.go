package opportunity

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/problem"
)

// FieldSure is the box that says that shifts may go or move for which people have
// applied.
const FieldSure = "shifts-sure"

// A lost is a shift with people on it that a change takes away or moves.
type lost struct {
	shift *Shift
	// now is the shift as it will be, nil for one that goes.
	now    *Shift
	people int
}

// losses gives the shifts of before, with people on them, that o has no more or has
// at another time. What is over stays as it was.
func (s *Opportunities) losses(ctx context.Context, db bun.IDB, before []*Shift, o *Opportunity) ([]lost, error) {
	if s.Standing == nil || len(before) == 0 {
		return nil, nil
	}
	people, err := s.Standing(ctx, db, o.ID)
	if err != nil || len(people) == 0 {
		return nil, err
	}
	now := map[string]*Shift{}
	for _, x := range o.Shifts {
		now[x.ID] = x
	}
	var list []lost
	for _, x := range before {
		n := now[x.ID]
		if people[x.ID] == 0 || !x.EndsAt.After(s.now()) || n != nil && n.StartsAt.Equal(x.StartsAt) && n.EndsAt.Equal(x.EndsAt) {
			continue
		}
		list = append(list, lost{x, n, people[x.ID]})
	}
	return list, nil
}

// checkPeople asks before people lose their shifts.
func (s *Opportunities) checkPeople(ctx context.Context, db bun.IDB, before []*Shift, o *Opportunity) error {
	list, err := s.losses(ctx, db, before, o)
	if err != nil || len(list) == 0 {
		return err
	}
	var errs problem.Fields
	errs.Add(FieldSure, "People have applied for shifts that go or move. Please look at them and confirm it.")
	return errs.Err()
}

// says names what becomes of shifts and of how many people.
func (l lost) says(lang string) string {
	words := l.shift.When(lang) + ": "
	if l.now == nil {
		words += say(lang, "opportunity.lost.gone", nil)
	} else {
		words += say(lang, "opportunity.lost.moved", l.now.When(lang))
	}
	return words + ", " + count(lang, "opportunity.lost.people", l.people)
}

func lossesSaid(lang string, list []lost) string {
	var lines []string
	for _, l := range list {
		lines = append(lines, l.says(lang))
	}
	return strings.Join(lines, "; ")
}
