package app

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// promise finds sentences that promise a mail.
var promise = regexp.MustCompile(`bekomm[^.]*\bMails?\b|\bper Mail\b|[Ss]chicken [^.]*Mail|\bMails?\b[^.]*(bekomm|unterwegs|geschickt)|schreiben Ihnen\b|melden uns,`)

// onlyWithMail are the keys of sentences that a town which sends no mail never
// shows: who asks for their place finds out first whether it does.
var onlyWithMail = []string{
	"inquiry/inquiry.answer.mail", "inquiry/inquiry.channel.mail", // "inquiry.answer.counter" otherwise
	"club/club.people.invite.mail",                                                                  // "club.people.invite.link" otherwise
	"registration/register.thanks.text",                                                             // nobody registers
	"resident/forgotten.written.text", "resident/address.open.text", "resident/settings.mails.none", // "forgotten.none" and its like otherwise
	"resident/unsubscribe.done",                                              // the link stands in a mail
	"townhall/townhall.report.mail", "townhall/townhall.barrier.answer.hint", // there is no form otherwise
	"upkeep/care.reminded", "upkeep/care.reminded.already", // there is no button otherwise
	"volunteer/volunteer.apply.mail", "volunteer/volunteer.state.asked.text", // "volunteer.closed.mail" and "…text.here" otherwise
	"watch/watch.text", "watch/watch.thanks.text", "watch/watch.confirmed", "watch/watch.kept", // "watch.nomail" otherwise
	"page/share.mail", // that is a mail of the reader
}

// TestNoMailIsPromised: every sentence that promises a mail has a quiet twin for
// towns without mail, or stands only where it was asked whether there is any.
func TestNoMailIsPromised(t *testing.T) {
	sie, _ := pairsOf(t)
	for path, keys := range sie {
		for key, text := range keys {
			name := filepath.Base(path) + "/" + key
			if strings.HasPrefix(key, "letter.") || strings.HasSuffix(key, ".quiet") || keys[key+".quiet"] != "" || !promise.MatchString(text) || strings.Contains(text, "keine Mails") {
				continue
			}
			if !slices.Contains(onlyWithMail, name) {
				t.Errorf("%s promises a mail and has no twin %s.quiet: %s", name, key, text)
			}
		}
	}
}
