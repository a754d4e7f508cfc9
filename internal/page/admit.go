package page

import (
	"net/http"
	"net/url"
	"time"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/problem"
)

// CodePath is the page that asks who has shown a password for the code of the
// second factor.
const CodePath = "/anmelden/code"

// codeTime is how long that page may lie open.
const codeTime = 10 * time.Minute

// Admit lets a person in who has shown a password, a link or what another
// provider says: at once, or through the page that asks for the second factor.
// A passkey is both; who has one comes in by SignIn.
func (g *Guard) Admit(w http.ResponseWriter, r *http.Request, a *account.Account, to string) error {
	f, err := g.accounts.Factor(r.Context(), a.ID)
	if err != nil {
		return err
	}
	if f.On() {
		if err := g.await(r, a); err != nil {
			return err
		}
		http.Redirect(w, r, CodePath+"?"+url.Values{"weiter": {to}}.Encode(), http.StatusSeeOther)
		return nil
	}
	if _, err := g.SignIn(r, a); err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// await keeps in the session who must still show a code. Nobody is signed in
// by it.
func (s *Sessions) await(r *http.Request, a *account.Account) error {
	ctx := r.Context()
	coming := s.manager.PopBool(ctx, keyComing)
	if err := s.SignOut(r); err != nil {
		return err
	}
	if err := s.manager.RenewToken(ctx); err != nil {
		return err
	}
	s.manager.Put(ctx, keyComing, coming)
	s.manager.Put(ctx, keyAwaited, a.ID)
	s.manager.Put(ctx, keyAwaitedEpoch, a.Epoch)
	s.manager.Put(ctx, keyAwaitedAt, time.Now().Unix())
	return nil
}

// Awaited gives who has shown a password within the last minutes and must still
// show a code; nil for nobody.
func (s *Sessions) Awaited(r *http.Request) (*account.Account, error) {
	ctx := r.Context()
	id := s.manager.GetString(ctx, keyAwaited)
	if id == "" || time.Since(time.Unix(s.manager.GetInt64(ctx, keyAwaitedAt), 0)) > codeTime {
		return nil, nil
	}
	a, err := s.accounts.Find(ctx, id)
	if problem.KindOf(err) == problem.NotFound || err == nil && a.Epoch != s.manager.GetString(ctx, keyAwaitedEpoch) {
		return nil, nil
	}
	return a, err
}

// EnterCode signs in who is awaited, if the code is right.
func (s *Sessions) EnterCode(r *http.Request, a *account.Account, code string) (*Person, error) {
	ctx := r.Context()
	if err := s.accounts.CheckCode(ctx, a.ID, code); err != nil {
		return nil, err
	}
	for _, key := range []string{keyAwaited, keyAwaitedEpoch, keyAwaitedAt} {
		s.manager.Remove(ctx, key)
	}
	return s.SignIn(r, a)
}
