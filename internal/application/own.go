package application

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// ownRow is an application as its person takes it along.
type ownRow struct {
	Title   string     `json:"title"`
	State   string     `json:"state"`
	Cause   string     `json:"cause,omitempty"`
	Reason  string     `json:"reason,omitempty"`
	Name    string     `json:"name"`
	Phone   string     `json:"phone,omitempty"`
	Message string     `json:"message,omitempty"`
	Shows   bool       `json:"club_sees_address"`
	Minutes int        `json:"minutes,omitempty"`
	Agreed  time.Time  `json:"minutes_agreed,omitzero"`
	Created time.Time  `json:"created"`
	Shifts  []ownShift `json:"shifts,omitempty"`
	History []ownSaid  `json:"history,omitempty"`
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
}

// WriteOwn writes all that a person asked for with an account or by a mail
// address, with what was said and the shifts, as JSON, for the download of
// everything. What is "" is not looked for.
func (s *Applications) WriteOwn(ctx context.Context, w io.Writer, accountID, email string) error {
	var list []*Helper
	err := s.db.Read().NewSelect().Model(&list).Where("(helper.account_id = ? AND helper.account_id <> '') OR (helper.email = ? AND helper.email <> '')", accountID, email).
		OrderExpr("helper.created DESC, helper.id DESC").Scan(ctx)
	if err == nil {
		err = s.withCommitments(ctx, s.db.Read(), list)
	}
	if err != nil {
		return fmt.Errorf("list what a person asked for: %w", err)
	}
	rows := []ownRow{}
	for _, h := range list {
		row := ownRow{
			Title: h.Title, State: h.State, Cause: h.Cause, Reason: h.Reason, Name: h.Name, Phone: h.Phone, Message: h.Message, Shows: h.Shows,
			Minutes: h.Minutes, Agreed: h.Agreed, Created: h.Created,
		}
		for _, c := range h.Commitments {
			row.Shifts = append(row.Shifts, ownShift{c.State, c.StartsAt, c.EndsAt})
		}
		said, err := s.Messages(ctx, h.ID)
		if err != nil {
			return err
		}
		for _, m := range said {
			row.History = append(row.History, ownSaid{m.Kind, m.ByClub, m.Content, m.Created})
		}
		rows = append(rows, row)
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	if err := out.Encode(rows); err != nil {
		return fmt.Errorf("write what a person asked for: %w", err)
	}
	return nil
}
