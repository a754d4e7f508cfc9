package opportunity

import (
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/term"
)

// TermList is the name of the list of the town's words for causes.
const TermList = "opportunity"

// WordKey begins the keys of the words for causes.
const WordKey = "opportunity.field."

// slugs are the causes as addresses say them.
var slugs = map[string]string{
	"sport": "sport", "music": "musik", "nature": "natur", "rescue": "feuerwehr", "youth": "jugend", "heritage": "heimat",
	"social": "soziales", "culture": "kultur", "faith": "glaube", "other": "sonstiges",
}

// Presets are the causes as the town has them before it changes them.
func Presets() []term.Term {
	list := make([]term.Term, 0, len(Fields))
	for _, f := range Fields {
		list = append(list, term.Term{Key: f, Slug: slugs[f], German: say("de", WordKey+f, nil), English: say("en", WordKey+f, nil)})
	}
	return list
}

// themes has the town's words for causes, and what is offered.
func (s *Opportunities) themes() term.Book {
	if s.Terms == nil {
		return term.Book{TermList: Presets()}
	}
	return s.Terms()
}

// theme gives the town's word for a cause; nil for none.
func (s *Opportunities) theme(name string) *term.Term { return s.themes().Find(TermList, name) }

// fieldHref is the path of the opportunities of one cause.
func (s *Opportunities) fieldHref(field string) string {
	if t := s.theme(field); t != nil {
		return listPath + "?" + fieldField + "=" + t.Slug
	}
	return listPath
}

// applyField gives a cause as it is stored.
func (s *Opportunities) applyField(errs *problem.Fields, typed string) string {
	if typed == "" {
		return ""
	}
	t := s.theme(typed)
	if t == nil {
		errs.Add("field", "“%s” is not possible here; please choose one of the list.", typed)
		return typed
	}
	return t.Key
}
