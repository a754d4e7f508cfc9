package pledge

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
)

// ownRow is an application to a club of another town as its person takes it along.
type ownRow struct {
	Title   string      `json:"title"`
	Club    string      `json:"club"`
	Town    string      `json:"town"`
	State   string      `json:"state"`
	Cause   string      `json:"cause,omitempty"`
	Reason  string      `json:"reason,omitempty"`
	Name    string      `json:"name"`
	Email   string      `json:"email,omitempty"`
	Phone   string      `json:"phone,omitempty"`
	Message string      `json:"message,omitempty"`
	Minutes int         `json:"minutes,omitempty"`
	Agreed  time.Time   `json:"minutes_agreed,omitzero"`
	Contact *as.Contact `json:"contact,omitempty"`
	Created time.Time   `json:"created"`
	Ended   time.Time   `json:"ended,omitzero"`
	Shifts  []ownShift  `json:"shifts,omitempty"`
	History []ownSaid   `json:"history,omitempty"`
}

type ownShift struct {
	State  string    `json:"state"`
	Starts time.Time `json:"starts,omitzero"`
	Ends   time.Time `json:"ends,omitzero"`
}

type ownSaid struct {
	Kind    string    `json:"kind"`
	ByClub  bool      `json:"by_club"`
	Content string    `json:"content,omitempty"`
	At      time.Time `json:"at"`
	// State is that of an act of the person, Receipt what the club signed of it.
	State   string          `json:"state,omitempty"`
	Receipt json.RawMessage `json:"receipt,omitempty"`
}

// WriteOwn writes all that a person asked for in other towns, with what was said
// and the shifts, as JSON, for the download of everything.
func (s *Pledges) WriteOwn(ctx context.Context, w io.Writer, accountID string) error {
	list, err := s.Mine(ctx, accountID)
	if err != nil {
		return err
	}
	rows := []ownRow{}
	for _, p := range list {
		row, err := s.own(ctx, p)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	if err := out.Encode(rows); err != nil {
		return fmt.Errorf("write what a person asked for elsewhere: %w", err)
	}
	return nil
}

func (s *Pledges) own(ctx context.Context, p *Pledge) (ownRow, error) {
	said, h := p.Said(), p.Helper()
	row := ownRow{
		Title: p.Title, Club: p.Club, Town: as.Host(p.OpportunityID), State: p.State, Cause: said.Cause, Reason: said.Reason, Name: p.Name, Email: p.Email,
		Phone: p.Phone, Message: p.Message, Minutes: said.Minutes, Agreed: said.Agreed, Contact: said.Contact, Created: p.Created, Ended: p.Ended,
	}
	for _, c := range h.Commitments {
		row.Shifts = append(row.Shifts, ownShift{c.State, c.StartsAt, c.EndsAt})
	}
	did, err := s.Acts(ctx, p.ID)
	if err != nil {
		return row, err
	}
	for _, a := range did {
		one := ownSaid{Kind: a.Kind, Content: a.Content, At: a.Created, State: a.State}
		if json.Valid(a.Receipt) {
			one.Receipt = a.Receipt
		}
		row.History = append(row.History, one)
	}
	for _, m := range said.Said {
		row.History = append(row.History, ownSaid{Kind: m.Kind, ByClub: true, Content: m.Content, At: m.Published})
	}
	slices.SortStableFunc(row.History, func(a, b ownSaid) int { return a.At.Compare(b.At) })
	return row, nil
}
