package club

import (
	"context"
	"io"
	"time"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/page"
)

// WriteClubs writes the clubs that a person speaks for as a sheet, for the
// download of everything.
func (s *Clubs) WriteClubs(ctx context.Context, w io.Writer, a *account.Account) error {
	sheet, err := page.NewSheet(w, "name", "handle", "url", "role", "state")
	if err != nil {
		return err
	}
	clubs, err := s.Accounts.Clubs(ctx, nil, a.ID)
	if err != nil {
		return err
	}
	for _, c := range clubs {
		if err := sheet.Add(c.Club.DisplayName(), c.Club.Handle(), c.Club.URL, c.Role, c.Club.State); err != nil {
			return err
		}
	}
	return nil
}

// fansPage is how many followers are read at once.
const fansPage = 500

// WriteFollowers writes who follows the clubs of a person as a sheet, for the
// download of everything.
func (s *Clubs) WriteFollowers(ctx context.Context, w io.Writer, a *account.Account) error {
	sheet, err := page.NewSheet(w, "club", "handle", "name", "id", "since")
	if err != nil {
		return err
	}
	clubs, err := s.Accounts.Clubs(ctx, nil, a.ID)
	if err != nil {
		return err
	}
	for _, c := range clubs {
		for after := ""; ; {
			fans, err := s.actors.Fans(ctx, c.Club.ID, after, fansPage)
			if err != nil {
				return err
			}
			for _, f := range fans {
				if err := sheet.Add(c.Club.PreferredUsername, "@"+f.Acct, f.Name, f.ID, f.Since.UTC().Format(time.RFC3339)); err != nil {
					return err
				}
				after = f.ID
			}
			if len(fans) < fansPage {
				break
			}
		}
	}
	return nil
}
