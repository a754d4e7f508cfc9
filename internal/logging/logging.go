// Package logging makes the log of the program, out of which it takes what a log
// must not keep: addresses of the network and of people, and whatever is too
// long to be a reason. It is the last net: who writes a line leaves them out.
package logging

import (
	"io"
	"log/slog"
	"net/netip"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest is how many bytes a value may have. Only the trace of a panic is
// longer, and it holds no values.
const longest = 500

// trace is the key of what may be longer.
var trace = map[string]bool{"stack": true, "trace": true}

// JSON gives a log of one JSON value a line.
func JSON(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: clean}))
}

// Text gives a log for people at a terminal.
func Text(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: clean}))
}

// clean is called with each value before it is written. The message is ours and
// stays.
func clean(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.MessageKey {
		return a
	}
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(Clean(a.Value.String(), trace[a.Key]))
	case slog.KindAny:
		if err, ok := a.Value.Any().(error); ok {
			a.Value = slog.StringValue(Clean(err.Error(), false))
		}
	}
	return a
}

var (
	// mail is what looks like an address of a person. A handle of the Fediverse
	// does too.
	mail = regexp.MustCompile(`[^\s@"'<>()=,:;/]+(@|%40)[^\s@"'<>()=,:;/]+\.[^\s@"'<>()=,:;/]+`)
	// network is what may be an address of the network; netip decides.
	network = regexp.MustCompile(`[0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*`)
)

// Clean gives s without addresses and control characters, cut unless it may be
// long.
func Clean(s string, long bool) string {
	if !long && len(s) > longest {
		end := longest
		for !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end] + "…"
	}
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && (!long || r != '\n' && r != '\t') }) {
		s = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) && (!long || r != '\n' && r != '\t') {
				return ' '
			}
			return r
		}, s)
	}
	if strings.ContainsRune(s, '@') || strings.Contains(s, "%40") {
		s = mail.ReplaceAllString(s, "[address]")
	}
	if !strings.ContainsAny(s, "0123456789:") {
		return s
	}
	return network.ReplaceAllStringFunc(s, func(found string) string {
		// The port of [::1]:80, or the colon of a sentence, is no part of it.
		if _, err := netip.ParseAddr(strings.TrimRight(found, ":.")); err == nil {
			return "[address]"
		}
		return found
	})
}
