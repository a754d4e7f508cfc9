package volunteer

import (
	"slices"
	"time"

	"codeberg.org/aushang/aushang/internal/application"
)

// turn is what became of a shift that a person had: Lost, or moved from Old to New.
type turn struct {
	Lost     bool
	Old, New string
	// Others tells that there are shifts which the person could have instead.
	Others bool
}

// shiftTurn is a turn with its times.
type shiftTurn struct {
	from, to application.Span
	lost     bool
}

// turns says which shifts the club moved or dropped since the person chose, as far
// as they still matter: what is over, and what the person has answered by another
// choice, is history.
func (p *Pages) turns(lang string, s *seen, history []said, now time.Time) []turn {
	if !s.Live() {
		return nil
	}
	var list []turn
	for _, x := range shiftTurns(history) {
		if x.lost && x.from.End.Before(now) || !x.lost && (x.to.End.Before(now) || !slices.ContainsFunc(s.Commitments, x.to.Is)) {
			continue
		}
		one := turn{Lost: x.lost, Old: when(lang, x.from.Start, x.from.End, p.Zone), Others: s.n.Takes(now) && slices.ContainsFunc(s.n.Ahead(now), func(y *application.Shift) bool { return s.Commitment(y.ID) == nil })}
		if !x.lost {
			one.New = when(lang, x.to.Start, x.to.End, p.Zone)
		}
		list = append(list, one)
	}
	return list
}

// shiftTurns reads from a history what became of shifts. One that was moved twice
// is one turn, one that came back is none.
func shiftTurns(history []said) []shiftTurn {
	var list []shiftTurn
	for _, line := range history {
		switch {
		case !line.byClub && line.kind == application.DidTake:
			list = slices.DeleteFunc(list, func(x shiftTurn) bool { return x.lost })
		case line.byClub && line.kind == application.DidLose && len(line.spans) == 1:
			list = append(list, shiftTurn{from: line.spans[0], lost: true})
		case line.byClub && line.kind == application.DidChange && len(line.spans) == 2:
			x := shiftTurn{from: line.spans[0], to: line.spans[1]}
			if i := slices.IndexFunc(list, func(before shiftTurn) bool { return !before.lost && before.to == x.from }); i >= 0 {
				x.from = list[i].from
				list = slices.Delete(list, i, i+1)
			}
			if x.from != x.to {
				list = append(list, x)
			}
		}
	}
	return list
}

// times says the times of which a line of the history speaks; of two the new one
// first.
func (p *Pages) times(lang string, spans []application.Span) string {
	switch len(spans) {
	case 0:
		return ""
	case 1:
		return when(lang, spans[0].Start, spans[0].End, p.Zone)
	}
	return p.Web.T(lang, "volunteer.moved", map[string]string{"New": when(lang, spans[1].Start, spans[1].End, p.Zone), "Old": when(lang, spans[0].Start, spans[0].End, p.Zone)})
}
