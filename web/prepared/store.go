package prepared

import (
	"container/list"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// lease is for how long after a look at what has changed answers are given.
	lease = time.Second
	// maxBody and maxTags are how large an answer may be and how many things it
	// may show, so that one does not drive out all others.
	maxBody = 512 << 10
	maxTags = 1000
)

// Vary says on what an answer depends besides its address.
type Vary uint8

// What an answer may depend on.
const (
	// ByAccept is for an address with a page and a document.
	ByAccept Vary = 1 << iota
	// ByLanguage is for what speaks the reader's language.
	ByLanguage
	// ByPerson is for what looks different to who is signed in. Only what
	// everybody else sees is kept.
	ByPerson
)

// String gives the value of the header.
func (v Vary) String() string {
	var names []string
	for i, name := range []string{"Accept", "Accept-Language", "Cookie"} {
		if v&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// Options is what a Store is made from.
type Options struct {
	// Limit is how much memory it may take, in bytes.
	Limit int
	// Accept gives what a request prefers, Language what its reader speaks: for
	// equal results ByAccept and ByLanguage mean the same answer.
	Accept   func(*http.Request) int8
	Language func(*http.Request) string
	// Personal tells whether somebody may be signed in.
	Personal func(*http.Request) bool
	// Admit tells whether a request may be answered from memory. Others go to
	// their handler, which refuses them; nil admits all.
	Admit func(*http.Request) bool
}

// Store keeps answers. Make one with New.
type Store struct {
	Options

	mu    sync.Mutex
	pages map[string]*page // by request target
	// tagged are the pages that show a thing.
	tagged map[string]map[*page]struct{}
	// used has the pages in the order of use, the latest first.
	used list.List
	size int
	// round counts how often something was dropped, turn how often everything.
	round, turn uint64
	// fresh is until when answers may be given.
	fresh time.Time

	routes sync.Map // of *tally by route
}

// page is all that is kept for one request target.
type page struct {
	target  string
	vary    Vary
	answers []*answer
	tags    []string
	size    int
	used    *list.Element
	tally   *tally
}

// tally counts the answers of one route.
type tally struct{ answers, bytes atomic.Int64 }

// New gives an empty store. It gives nothing from memory before the first
// Renew.
func New(o Options) *Store {
	return &Store{Options: o, pages: map[string]*page{}, tagged: map[string]map[*page]struct{}{}}
}

// Renew says what had changed by the time given, since the time before: things
// by the tags under which Keep was told of them, or "" for everything. From
// that time on answers may be given for a second. When the time before is
// longer ago than that everything is dropped.
func (s *Store) Renew(at time.Time, changed ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !at.Before(s.fresh) || slices.Contains(changed, "") {
		s.round++
		s.turn++
		s.size = 0
		s.used.Init()
		clear(s.pages)
		clear(s.tagged)
	} else if len(changed) > 0 {
		s.round++
		for _, tag := range changed {
			for p := range s.tagged[tag] {
				s.drop(p)
			}
		}
	}
	s.fresh = at.Add(lease)
}

// Report gives how many answers each route had from memory since the last
// report, and their bytes.
func (s *Store) Report(line func(route string, answers, bytes int64)) {
	s.routes.Range(func(route, t any) bool {
		if n := t.(*tally).answers.Swap(0); n > 0 {
			line(route.(string), n, t.(*tally).bytes.Swap(0))
		}
		return true
	})
}

// find gives the answer to r, nil when there is none.
func (s *Store) find(r *http.Request) (*answer, *tally) {
	now := time.Now()
	s.mu.Lock()
	p := s.pages[r.RequestURI]
	if p == nil || !now.Before(s.fresh) {
		s.mu.Unlock()
		return nil, nil
	}
	vary := p.vary
	s.mu.Unlock()
	if vary&ByPerson != 0 && s.Personal(r) {
		return nil, nil
	}
	wanted := s.variant(r, vary)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pages[r.RequestURI] != p {
		return nil, nil // dropped meanwhile
	}
	for _, a := range p.answers {
		if a.variant == wanted && (a.until.IsZero() || now.Before(a.until)) {
			s.used.MoveToFront(p.used)
			return a, p.tally
		}
	}
	return nil, nil
}

func (s *Store) variant(r *http.Request, vary Vary) variant {
	var v variant
	if vary&ByAccept != 0 {
		v.accept = s.Accept(r)
	}
	if vary&ByLanguage != 0 {
		v.language = s.Language(r)
	}
	return v
}

// put keeps an answer, in place of an older one to the same request, unless
// something was dropped since the attempt began: the answer may be from before.
func (s *Store) put(target string, at *attempt, a *answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at.round != s.round || !at.current {
		return
	}
	p := s.pages[target]
	if p != nil && p.vary != at.terms.Vary {
		s.drop(p)
		p = nil
	}
	if p == nil {
		p = &page{target: target, vary: at.terms.Vary, tally: s.tally(at.route())}
		p.used = s.used.PushFront(p)
		p.size = len(target)
		s.pages[target] = p
		s.size += p.size
	}
	p.answers = slices.DeleteFunc(p.answers, func(old *answer) bool {
		same := old.variant == a.variant
		if same {
			p.size -= old.size()
			s.size -= old.size()
		}
		return same
	})
	p.answers = append(p.answers, a)
	grown := a.size()
	for _, tag := range at.terms.Tags {
		pages := s.tagged[tag]
		if _, ok := pages[p]; ok {
			continue
		}
		if pages == nil {
			pages = map[*page]struct{}{}
			s.tagged[tag] = pages
		}
		pages[p] = struct{}{}
		p.tags = append(p.tags, tag)
		const perTag = 160
		grown += perTag + len(tag)
	}
	p.size += grown
	s.size += grown
	for s.size > s.Limit && s.used.Len() > 0 {
		s.drop(s.used.Back().Value.(*page))
	}
}

func (s *Store) tally(route string) *tally {
	t, _ := s.routes.LoadOrStore(route, new(tally))
	return t.(*tally)
}

// drop forgets a page.
func (s *Store) drop(p *page) {
	delete(s.pages, p.target)
	s.used.Remove(p.used)
	s.size -= p.size
	for _, tag := range p.tags {
		delete(s.tagged[tag], p)
		if len(s.tagged[tag]) == 0 {
			delete(s.tagged, tag)
		}
	}
}
