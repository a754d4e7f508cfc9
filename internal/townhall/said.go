package townhall

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// maxTarget is how much of a text stands for an entry that has no title.
const maxTarget = 80

// said is what an entry of the log is about, in words: the log itself keeps ids
// and names of values, so that nothing in it has to be changed later.
type said struct {
	// Target is the name of what it was done to, Href where that is, Detail what
	// else must be known; each may be "".
	Target, Href, Detail string
}

// word gives the word of a key, or otherwise where there is none.
func (s *Surface) word(lang, key, otherwise string) string {
	if s.Letters.Words.Has(lang, key) {
		return s.Web.T(lang, key)
	}
	return otherwise
}

// say puts the ids and values of an entry into words.
func (s *Surface) say(r *http.Request, e *ledger.Entry) (said, error) {
	of, act, _ := strings.Cut(e.Act, ".")
	one := said{Target: e.Target, Detail: s.sayDetail(s.Web.Language(r), e)}
	var err error
	switch {
	case of == "town":
		one.Target = s.sayTown(s.Web.Language(r), act, e.Target)
	case e.Target == "":
	case of == "request":
		one.Target = ""
		if act != "free" && act != "hold" { // those are of what is restricted, which has no page
			one.Href = "/rathaus/auskunft/" + e.Target
		}
	case of == "objection":
		one.Target, one.Href = "", decisionsPath+"/"+e.Target
	case of == "report" && act != "forward":
		one.Target, one.Href = "", "/rathaus/meldungen"
	case of == "mail":
		one.Target = ""
	case of == "block" && act != "list" && act != "subscribe" && act != "unsubscribe":
		one.Href = "/rathaus/sperren/eintrag?" + url.Values{"domain": {e.Target}}.Encode()
	case of == "peer":
		one.Href = "/rathaus/nachbarn"
	case of == "club" || of == "application":
		one, err = s.sayClub(r, one)
	case strings.HasPrefix(e.Target, "http"):
		one, err = s.sayThing(r, one)
	}
	if one.Target == "" && one.Href != "" {
		one.Target = s.Web.T(s.Web.Language(r), "townhall.log.see")
	}
	return one, err
}

// sayClub finds a club by its handle or its id.
func (s *Surface) sayClub(r *http.Request, one said) (said, error) {
	if strings.HasPrefix(one.Target, "http") {
		return s.sayThing(r, one)
	}
	c, err := s.Actors.FindUsername(r.Context(), s.Objects.Reader(), one.Target, actor.Active, actor.Requested, actor.Archived, actor.Suspended)
	if problem.KindOf(err) == problem.NotFound {
		return one, nil
	}
	if err != nil {
		return one, err
	}
	one.Target, one.Href = c.DisplayName(), "/rathaus/vereine/"+c.PreferredUsername
	return one, nil
}

// sayThing finds a thing or an actor by its id. What is gone has no name any more.
func (s *Surface) sayThing(r *http.Request, one said) (said, error) {
	ctx, lang := r.Context(), s.Web.Language(r)
	o, err := s.Objects.Stored(ctx, s.Objects.Reader(), one.Target)
	switch {
	case err == nil && o.Tombstone():
		one.Target = s.Web.T(lang, "townhall.log.gone")
		return one, nil
	case err == nil && (o.Hidden || !o.Open()):
		one.Target = s.Web.T(lang, "townhall.log.hidden") // what it says is not for the log
		return one, nil
	case err == nil:
		if one.Href = o.URL; one.Href == "" {
			one.Href = o.ID
		}
		if one.Target = o.Name; one.Target == "" {
			one.Target = markup.Name(markup.Text(o.Content), maxTarget)
		}
		if one.Target == "" {
			one.Target = s.Web.T(lang, "townhall.log.thing")
		}
		return one, nil
	case problem.KindOf(err) != problem.NotFound:
		return one, err
	}
	a, err := s.Actors.Find(ctx, s.Objects.Reader(), one.Target)
	if problem.KindOf(err) == problem.NotFound {
		one.Target = s.Web.T(lang, "townhall.log.gone")
		return one, nil
	}
	if err != nil {
		return one, err
	}
	one.Target, one.Href = a.DisplayName(), a.URL
	if a.Local && a.Type == actor.Group {
		one.Href = "/rathaus/vereine/" + a.PreferredUsername
	}
	return one, nil
}

// townTargets says how the keys of the words for the targets of acts begin.
var townTargets = map[string]string{"module": "module.", "term": "term.", "text": "town.", "law": "law.", "word": "word.list."}

func (s *Surface) sayTown(lang, act, target string) string {
	if begin := townTargets[act]; begin != "" {
		return s.word(lang, begin+target, target)
	}
	if act == "alert" || act == "unalert" {
		return "" // it has an id alone, and is gone one day
	}
	return target
}

// detailKeys says, by the act, how the keys of the words for its values begin.
var detailKeys = map[string]string{
	"person.add": "role.", "person.leave": "role.", "person.role": "role.", "club.editor": "role.", "club.state": "state.",
	"report.answer": "ledger.report.", "request.enter": "inquiry.wanted.", "town.alert": "alert.severity.", "town.module": "ledger.value.",
	"town.text": "ledger.value.", "town.look": "ledger.value.", "town.law": "law.", "block.wave": "ledger.value.",
}

// number is a detail that counts.
var number = regexp.MustCompile(`^[0-9]{1,9}$`)

// sayDetail puts the values of a detail into words: "resident > editor", a list of
// names, an act and the word that it was done to.
func (s *Surface) sayDetail(lang string, e *ledger.Entry) string {
	switch {
	case e.Act == "club.merge":
		return "" // the words of the act and its target say it
	case strings.HasPrefix(e.Act, "peer."):
		asks, gives, ok := strings.Cut(e.Detail, " / ")
		if !ok {
			return e.Detail
		}
		return s.Web.T(lang, "ledger.terms", map[string]string{"Asks": s.scopes(lang, asks), "Gives": s.scopes(lang, gives)})
	case e.Act == "town.word":
		act, keys, _ := strings.Cut(e.Detail, " ")
		words := strings.Fields(keys)
		for i, key := range words {
			if said, ok := s.TermWord(lang, e.Target, key); ok {
				words[i] = said
			}
		}
		return strings.TrimSpace(s.word(lang, "ledger.word."+act, act) + " " + strings.Join(words, " → "))
	case e.Act == "town.term" && number.MatchString(e.Detail):
		return s.Web.T(lang, "ledger.days", e.Detail)
	case e.Act == "person.mandates" && number.MatchString(e.Detail), e.Act == "club.cancel", e.Act == "block.list":
		return s.Web.T(lang, "ledger.n."+e.Act, e.Detail)
	}
	begin := detailKeys[e.Act]
	if begin == "" || e.Detail == "" {
		return e.Detail
	}
	between, join := " > ", " → "
	if e.Act == "town.law" {
		between, join = ", ", ", "
	}
	var words []string
	for value := range strings.SplitSeq(e.Detail, between) {
		words = append(words, s.word(lang, begin+value, value))
	}
	return strings.Join(words, join)
}

// scopes puts what an agreement is about into words.
func (s *Surface) scopes(lang, list string) string {
	var words []string
	for _, scope := range strings.Fields(list) {
		words = append(words, s.word(lang, "region.scope."+scope, scope))
	}
	if len(words) == 0 {
		return s.Web.T(lang, "region.nothing")
	}
	return strings.Join(words, ", ")
}
