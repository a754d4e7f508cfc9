package moderation

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Reasons are those from which readers choose when they report something.
var Reasons = []string{"illegal", "insult", "violence", "youth", "privacy", "spam", "false", "other"}

// A Notice is what a reader reports, with or without an account (Digital
// Services Act, article 16).
type Notice struct {
	// Key is that of the form: the same form sent again is the same report.
	Key string
	// About is the id of an object or of an actor.
	About string
	// Reason is one of Reasons, Text says it in words.
	Reason, Text string
	// Contact is a mail address for the answer, or "".
	Contact string
	// AccountID is who reports, "" for somebody without an account.
	AccountID string
	Language  string
}

// Check gives a problem with the fields that are wrong.
func (n *Notice) Check() error {
	var errs problem.Fields
	if !slices.Contains(Reasons, n.Reason) {
		errs.Add("reason", "Please choose what is wrong.")
	}
	switch size := utf8.RuneCountInString(markup.Typed(n.Text)); {
	case size > maxReport:
		errs.Add("text", "This is longer than %d characters; please shorten it.", maxReport)
	case size == 0 && n.Reason == "other":
		errs.Add("text", "Please say in a few words what is wrong.")
	}
	if n.Contact != "" && !address(n.Contact) {
		errs.Add("contact", "This is no mail address. Please write one like anna@example.org, or leave it empty.")
	}
	return errs.Err()
}

// address tells whether s is a mail address and nothing else.
func address(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= maxPlace && strings.Contains(s[strings.LastIndexByte(s, '@'):], ".")
}

// A Subject is what a report or a decision is about.
type Subject struct {
	// Object is nil when it is about an actor.
	Object *object.Object
	// Actor is the author, or the actor itself.
	Actor *actor.Actor
}

// ID is that of the object, or of the actor.
func (s *Subject) ID() string {
	if s.Object != nil {
		return s.Object.ID
	}
	return s.Actor.ID
}

// Local tells whether it is ours.
func (s *Subject) Local() bool { return s.Actor.Local }

// Subject finds what id is, whoever may see it: it is for the town hall.
func (s *Moderation) Subject(ctx context.Context, db bun.IDB, id string) (*Subject, error) {
	o, err := s.objects.Stored(ctx, db, id)
	if problem.KindOf(err) == problem.NotFound {
		a, err := s.actors.Find(ctx, db, id)
		if err != nil {
			return nil, err
		}
		if a.Type == actor.Application && a.Local {
			return nil, problem.NotFoundf("%s is the town itself", id)
		}
		return &Subject{Actor: a}, nil
	}
	if err != nil {
		return nil, err
	}
	if o.Tombstone() {
		return nil, problem.Gonef("%s was deleted", id)
	}
	a, err := s.actors.Find(ctx, db, o.AttributedTo)
	return &Subject{o, a}, err
}

// Reportable finds what id is, if every reader can see it.
func (s *Moderation) Reportable(ctx context.Context, id string) (*Subject, error) {
	about, err := s.Subject(ctx, s.db.Read(), id)
	if problem.KindOf(err) == problem.Gone {
		err = problem.NotFoundf("there is no object %s", id)
	}
	if err != nil {
		return nil, err
	}
	if about.Object != nil {
		_, err = s.objects.Find(ctx, object.Viewer{}, id)
		return about, err
	}
	if a := about.Actor; a.State != actor.Active || a.Blocked {
		return nil, problem.NotFoundf("there is no actor %s", id)
	}
	return about, nil
}

// FileNotice keeps the report of a reader and gives the token of the page that
// shows what becomes of it. Whoever left an address is told by mail.
func (s *Moderation) FileNotice(ctx context.Context, n Notice) (token string, err error) {
	if err := n.Check(); err != nil {
		return "", err
	}
	about, err := s.Reportable(ctx, n.About)
	if err != nil {
		return "", err
	}
	r := &Report{
		AccountID: n.AccountID, Objects: []string{about.Actor.ID}, Content: cutTo(n.Text, maxReport),
		Contact: n.Contact, Reason: n.Reason, Language: n.Language, Received: s.now(),
	}
	if about.Object != nil {
		r.Objects = append(r.Objects, about.Object.ID)
	}
	said := strings.Join([]string{n.Key, n.About, r.Reason, r.Content, r.Contact}, "\x00")
	r.ID = s.actors.Site().ActivityID(uuid.NewSHA1(uuid.NameSpaceURL, []byte(said)).String())
	if token, err = s.Token(ctx, ofReport, r.ID); err != nil {
		return "", err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewInsert().Model(r).On("CONFLICT DO NOTHING").Exec(ctx)
		if err != nil {
			return fmt.Errorf("store report: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		database.Ring(ctx)
		return s.tell(ctx, tx, Letter{Kind: "receipt", Report: r, To: r.Contact, Language: r.Language, Token: token})
	})
	return token, err
}

// FindReport gives the report with this id.
func (s *Moderation) FindReport(ctx context.Context, db bun.IDB, id string) (*Report, error) {
	var list []*Report
	if err := db.NewSelect().Model(&list).Where("report.id = ?", id).Scan(ctx); err != nil {
		return nil, fmt.Errorf("find report: %w", err)
	}
	if len(list) == 0 {
		return nil, problem.NotFoundf("there is no report %s", id)
	}
	return list[0], nil
}

// What a token leads to.
const (
	ofReport   = "report"
	ofDecision = "decision"
)

// tokens is the purpose of the secret that makes tokens.
const tokens = "links to reports and decisions"

// Token gives what the address of the page of a report or decision ends with.
// Nobody guesses it, and nothing of it is stored.
func (s *Moderation) Token(ctx context.Context, of, id string) (string, error) {
	secret, err := s.actors.Secret(ctx, tokens)
	if err != nil {
		return "", err
	}
	key := actor.Key(id)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(of + "\x00" + key))
	return key + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18]), nil
}

// DecisionToken gives the token of a decision.
func (s *Moderation) DecisionToken(ctx context.Context, d *Decision) (string, error) {
	return s.Token(ctx, ofDecision, d.ID)
}

// opened gives the key that a token was made for.
func (s *Moderation) opened(ctx context.Context, of, token string) (string, error) {
	key, _, _ := strings.Cut(token, ".")
	real, err := s.Token(ctx, of, key)
	if err != nil {
		return "", err
	}
	if !hmac.Equal([]byte(real), []byte(token)) {
		return "", problem.NotFoundf("this link leads to nothing")
	}
	return key, nil
}

// ReportOf gives the report that a token leads to.
func (s *Moderation) ReportOf(ctx context.Context, token string) (*Report, error) {
	key, err := s.opened(ctx, ofReport, token)
	if err != nil {
		return nil, err
	}
	return s.FindReport(ctx, s.db.Read(), s.actors.Site().ActivityID(key))
}

// DecisionOf gives the decision that a token leads to.
func (s *Moderation) DecisionOf(ctx context.Context, token string) (*Decision, error) {
	key, err := s.opened(ctx, ofDecision, token)
	if err != nil {
		return nil, err
	}
	return s.FindDecision(ctx, s.db.Read(), key)
}

// maxTitle is how much of a text stands for a thing without a name, in runes.
const maxTitle = 100

// Title is what it is called.
func (s *Subject) Title() string {
	switch {
	case s.Object == nil:
		return s.Actor.DisplayName()
	case s.Object.Name != "":
		return s.Object.Name
	}
	return markup.Name(markup.Text(s.Object.Content), maxTitle)
}
