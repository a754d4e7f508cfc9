package page

import (
	"context"
	"crypto/rand"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// A Person is who is signed in, and the clubs that he or she may speak for.
type Person struct {
	*account.Account
	// Clubs are by name, without those that are archived or shut out: these are
	// Former.
	Clubs, Former []Membership
	// Cared are the ids of the clubs that somebody with the role "office" looks after
	// for the town hall; none for all others.
	Cared []string
	// Latest is the id of the club for which he or she wrote last, or "". It is
	// looked up for forms alone; see Guard.LatestFirst.
	Latest string
	// Language is the one that the person chose, or "".
	Language string
}

// A Membership is a club with the person's role in it.
type Membership struct {
	*actor.Actor
	Role string
}

// Speaks tells whether the person may publish in the name of the club.
func (p *Person) Speaks(actorID string) bool { return p != nil && p.club(actorID) != nil }

// Owns tells whether the person may change the club itself.
func (p *Person) Owns(actorID string) bool {
	c := p.club(actorID)
	return p != nil && (p.Cares(actorID) || c != nil && c.Role == actor.Owner)
}

// Staff tells whether the person belongs to the town hall and looks after all of
// the town.
func (p *Person) Staff() bool { return p != nil && p.Account.Staff() }

// Cares tells whether the person looks after the club for the town hall.
func (p *Person) Cares(actorID string) bool {
	return p.Staff() || p != nil && actorID != "" && slices.Contains(p.Cared, actorID)
}

// Hall tells whether the person belongs to the town hall, be it for some clubs
// only: what these are, Cares says.
func (p *Person) Hall() bool { return p != nil && p.Account.Hall() }

func (p *Person) club(actorID string) *Membership {
	if p == nil {
		return nil
	}
	for i, c := range p.Clubs {
		if c.ID == actorID {
			return &p.Clubs[i]
		}
	}
	return nil
}

// Viewer gives what the person may see.
func (p *Person) Viewer() object.Viewer {
	var v object.Viewer
	if p != nil {
		for _, c := range p.Clubs {
			v.Actors = append(v.Actors, c.ID)
		}
	}
	return v
}

// Sessions knows who is signed in. Make one with NewSessions.
type Sessions struct {
	manager  *scs.SessionManager
	accounts *account.Accounts
	actors   *actor.Actors
	proxies  []netip.Prefix
}

// NewSessions keeps sessions for the town; proxies are those whose
// X-Forwarded-For is believed.
func NewSessions(accounts *account.Accounts, actors *actor.Actors, proxies []netip.Prefix) *Sessions {
	m := scs.New()
	m.Store, m.HashTokenInStore, m.Lifetime = accounts.Sessions(), true, account.SessionLife
	m.Cookie.HttpOnly, m.Cookie.SameSite, m.Cookie.Path = true, http.SameSiteLaxMode, "/"
	// A browser keeps a __Host- cookie only over https.
	m.Cookie.Name, m.Cookie.Secure = "__Host-aushang", true
	if actors.Site().Scheme() == "http" {
		m.Cookie.Name, m.Cookie.Secure = "aushang", false
	}
	return &Sessions{manager: m, accounts: accounts, actors: actors, proxies: proxies}
}

// Begun tells whether a request belongs to a session: whether it carries
// anything like its cookie. It costs next to nothing and may err on the side of
// yes.
func (s *Sessions) Begun(r *http.Request) bool {
	return slices.ContainsFunc(r.Header["Cookie"], func(c string) bool { return strings.Contains(c, s.manager.Cookie.Name) })
}

// OnError says how a request is answered whose session cannot be read or
// written.
func (s *Sessions) OnError(answer func(w http.ResponseWriter, r *http.Request, err error)) {
	s.manager.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		// Where no session could be read nobody may ask it who is signed in.
		if look, ok := r.Context().Value(personKey{}).(*seen); ok {
			look.done = true
		}
		answer(w, r, err)
	}
}

type personKey struct{}

// seen is who asks, found out at the first question.
type seen struct {
	done   bool
	person *Person
	// begin lets the session be stored under a new token.
	begin func()
	// found is what Once keeps.
	found map[string]any
}

// Load reads the session of a request before next answers it.
func (s *Sessions) Load(next http.Handler) http.Handler {
	inner := s.manager.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		look := new(seen)
		ctx, begin := account.AllowBegin(r.Context())
		look.begin = begin
		inner.ServeHTTP(w, r.WithContext(context.WithValue(ctx, personKey{}, look)))
	})
}

// The keys of a session.
const (
	keyAccount = account.SessionAccount
	keyEpoch   = "epoch"
	keyFlash   = "flash"
	keyLink    = "link"
	// keySeen is when the session was last stored, keyConfirmed when the person
	// last showed who he or she is; both in seconds since 1970.
	keySeen      = "seen"
	keyConfirmed = "confirmed"
	// These say who must still show a code, and since when.
	keyAwaited      = "awaited"
	keyAwaitedEpoch = "awaited-epoch"
	keyAwaitedAt    = "awaited-at"
	// keyComing tells that who signs in next comes from the sign-in service,
	// keyService that the session began so.
	keyComing  = "coming"
	keyService = "service"
)

// serviceShift is how long a session of the town hall lasts that began at the
// sign-in service: what role the service gives is known at signing in alone, so
// it is asked again after that.
const serviceShift = 12 * time.Hour

// ComesFromService notes that who signs in next in this session comes from the
// sign-in service.
func (s *Sessions) ComesFromService(r *http.Request) { s.manager.Put(r.Context(), keyComing, true) }

// shiftOver tells whether the role of a must be asked for again at the service.
func (s *Sessions) shiftOver(ctx context.Context, a *account.Account) bool {
	return a.Hall() && s.manager.GetBool(ctx, keyService) && s.accounts.GivesRoles() &&
		time.Since(time.Unix(s.manager.GetInt64(ctx, account.SessionBegun), 0)) > serviceShift
}

// Who gives who is signed in, nil for a reader.
func (s *Sessions) Who(r *http.Request) (*Person, error) {
	look, ok := r.Context().Value(personKey{}).(*seen)
	if !ok {
		return nil, nil
	}
	if look.done {
		return look.person, nil
	}
	id := s.manager.GetString(r.Context(), keyAccount)
	if id == "" {
		look.done = true
		return nil, nil
	}
	a, err := s.accounts.Find(r.Context(), id)
	if problem.KindOf(err) == problem.NotFound || err == nil && a.Epoch != s.manager.GetString(r.Context(), keyEpoch) {
		look.done = true
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if s.shiftOver(r.Context(), a) {
		look.done = true
		return nil, nil
	}
	if look.person, err = complete(r.Context(), s.accounts, s.actors, a); err == nil {
		look.done = true
		s.touch(r)
	}
	return look.person, err
}

// touch notes once an hour that the session is used, and what a session from
// before lacks.
func (s *Sessions) touch(r *http.Request) {
	ctx := r.Context()
	if time.Since(time.Unix(s.manager.GetInt64(ctx, keySeen), 0)) < time.Hour {
		return
	}
	if s.manager.GetString(ctx, account.SessionRef) == "" {
		s.describe(r)
	}
	s.manager.Put(ctx, keySeen, time.Now().Truncate(time.Hour).Unix())
}

// describe says in the session what the list of devices shows of it.
func (s *Sessions) describe(r *http.Request) {
	ctx := r.Context()
	s.manager.Put(ctx, account.SessionRef, rand.Text())
	s.manager.Put(ctx, account.SessionDevice, device(r.UserAgent()))
	s.manager.Put(ctx, account.SessionBegun, time.Now().Unix())
}

// renew gives the session a new token, and leaves its end where it is.
func (s *Sessions) renew(r *http.Request) error {
	ctx := r.Context()
	if err := s.manager.RenewToken(ctx); err != nil {
		return err
	}
	if begun := s.manager.GetInt64(ctx, account.SessionBegun); begun != 0 {
		s.manager.SetDeadline(ctx, time.Unix(begun, 0).Add(account.SessionLife).UTC())
	}
	if look, ok := ctx.Value(personKey{}).(*seen); ok {
		look.begin()
	}
	return nil
}

// This gives how the session of a request is called in the list of devices.
func (s *Sessions) This(r *http.Request) string {
	return s.manager.GetString(r.Context(), account.SessionRef)
}

// FindPerson gives the person with this account, whether signed in or not.
func FindPerson(ctx context.Context, accounts *account.Accounts, actors *actor.Actors, id string) (*Person, error) {
	a, err := accounts.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	return complete(ctx, accounts, actors, a)
}

// complete gives the person of an account.
func complete(ctx context.Context, accounts *account.Accounts, actors *actor.Actors, a *account.Account) (p *Person, err error) {
	p = &Person{Account: a}
	if p.Language, err = accounts.ChosenLanguage(ctx, a.ID); err != nil {
		return nil, err
	}
	if a.Role == account.Office {
		if p.Cared, err = actors.Mandates(ctx, a.ID); err != nil {
			return nil, err
		}
	}
	roles, err := actors.RolesOf(ctx, a.ID)
	if err != nil || len(roles) == 0 {
		return p, err
	}
	clubs, err := actors.ListAll(ctx, actor.Group)
	if err != nil {
		return nil, err
	}
	for _, c := range clubs {
		switch role := roles[c.ID]; {
		case role == "":
		case c.State == actor.Archived || c.State == actor.Suspended:
			p.Former = append(p.Former, Membership{c, role})
		default:
			p.Clubs = append(p.Clubs, Membership{c, role})
		}
	}
	return p, nil
}

// SignIn begins a session of a under a new token. Who signs in by a password or
// a link comes through Guard.Admit, which asks for the second factor before.
func (s *Sessions) SignIn(r *http.Request, a *account.Account) (*Person, error) {
	ctx := r.Context()
	s.describe(r)
	if err := s.renew(r); err != nil {
		return nil, err
	}
	s.manager.Put(ctx, keyService, s.manager.PopBool(ctx, keyComing))
	s.manager.Put(ctx, keyAccount, a.ID)
	s.manager.Put(ctx, keyEpoch, a.Epoch)
	s.manager.Put(ctx, keySeen, time.Now().Truncate(time.Hour).Unix())
	s.manager.Put(ctx, keyConfirmed, time.Now().Unix())
	p, err := complete(ctx, s.accounts, s.actors, a)
	if look, ok := ctx.Value(personKey{}).(*seen); ok && err == nil {
		look.done, look.person = true, p
	}
	return p, err
}

// SignOut ends the session.
func (s *Sessions) SignOut(r *http.Request) error {
	if look, ok := r.Context().Value(personKey{}).(*seen); ok {
		look.done, look.person = true, nil
	}
	return s.manager.Destroy(r.Context())
}

// Flash keeps the key of a sentence for the next page that the person sees.
func (s *Sessions) Flash(r *http.Request, key string) { s.manager.Put(r.Context(), keyFlash, key) }

// Flashed gives that key, once; "" when there is none.
func (s *Sessions) Flashed(r *http.Request) string {
	if p, err := s.Who(r); err != nil || p == nil {
		return ""
	}
	return s.manager.PopString(r.Context(), keyFlash)
}

// Address gives the network address that a request comes from: the one that
// connected or, as long as that is a proxy we trust, the one that it names
// last (RFC 7239 8.1). An IPv6 address stands for its /64.
func (s *Sessions) Address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	ip, err := netip.ParseAddr(host)
	for i := len(hops) - 1; err == nil && i >= 0 && s.trusted(ip); i-- {
		hop, bad := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if bad != nil {
			break
		}
		ip = hop
	}
	if err != nil {
		return host
	}
	if ip = ip.Unmap(); ip.Is6() {
		return netip.PrefixFrom(ip, 64).Masked().String()
	}
	return ip.String()
}

func (s *Sessions) trusted(ip netip.Addr) bool {
	for _, p := range s.proxies {
		if p.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}

// FlashLink keeps an address that the person sees once, on the next page.
func (s *Sessions) FlashLink(r *http.Request, link string) {
	s.manager.Put(r.Context(), keyLink, link)
}

// FlashedLink gives that address, once; "" when there is none.
func (s *Sessions) FlashedLink(r *http.Request) string {
	return s.manager.PopString(r.Context(), keyLink)
}
