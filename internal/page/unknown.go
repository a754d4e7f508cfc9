package page

import "codeberg.org/aushang/aushang/web"

// An Unknown is a value in the address of a list that nothing has
// ("page/unknown" takes a list of them): a sentence that names it, and the
// address of the list without it.
type Unknown struct{ Sentence, Href string }

// NewUnknown says that the filter, whose word has this key, has no such value.
func NewUnknown(site *web.Site, lang, key, value, href string) Unknown {
	return Unknown{site.T(lang, "filter.unknown", map[string]string{"Filter": site.T(lang, key), "Value": value}), href}
}
