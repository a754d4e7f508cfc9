package speech

import "testing"

// TestGroups: articles, pronouns, adjectives and lists become those of groups
// and clubs; other words stay.
func TestGroups(t *testing.T) {
	for words, want := range map[string]string{
		"Der Verein ist umgezogen. Folgen Sie ihm.":           "Die Gruppe oder der Verein ist umgezogen. Folgen Sie ihm.",
		"Wer dem Verein folgt":                                "Wer der Gruppe oder dem Verein folgt",
		"Name des Vereins":                                    "Name der Gruppe oder des Vereins",
		"Ihr Verein fehlt?":                                   "Ihre Gruppe oder Ihr Verein fehlt?",
		"mit Deinem Verein":                                   "mit Deiner Gruppe oder Deinem Verein",
		"Eurem Verein":                                        "Eurer Gruppe oder Eurem Verein",
		"Im Verein":                                           "In der Gruppe oder im Verein",
		"vom Verein":                                          "von der Gruppe oder vom Verein",
		"Noch ist kein Verein dabei.":                         "Noch ist keine Gruppe und kein Verein dabei.",
		"Jeder Verein hat eine Seite.":                        "Jede Gruppe und jeder Verein hat eine Seite.",
		"einen aktiven Verein":                                "eine aktive Gruppe oder einen aktiven Verein",
		"bei einem anderen Verein":                            "bei einer anderen Gruppe oder einem anderen Verein",
		"für einen Verein oder das Rathaus":                   "für eine Gruppe, einen Verein oder das Rathaus",
		"Was Sie oder ein Verein verbergen":                   "Was Sie, eine Gruppe oder ein Verein verbergen",
		"Alle Vereine":                                        "Alle Gruppen und Vereine",
		"von neuen Vereinen":                                  "von neuen Gruppen und Vereinen",
		"Menschen und Vereine":                                "Menschen, Gruppen und Vereine",
		"Vereine und Personen":                                "Gruppen, Vereine und Personen",
		"Vereine und Gruppen":                                 "Vereine und Gruppen",
		"Verein eintragen":                                    "Gruppe oder Verein eintragen",
		"Der Verein „{{.Club}}“ möchte dabei sein.":           "„{{.Club}}“ möchte dabei sein.",
		"Nummer im Vereinsregister, Vereins-Seite, @verein@x": "Nummer im Vereinsregister, Vereins-Seite, @verein@x",
		"Vereinbarung":                                        "Vereinbarung",
	} {
		if got := (Manner{Clubs: Groups}).Say("de", words); got != want {
			t.Errorf("%q became %q, want %q", words, got, want)
		}
	}
}

// TestPersons: a pair is written with each sign; what is none stays.
func TestPersons(t *testing.T) {
	for _, tc := range []struct{ words, sign, want string }{
		{"Bürgerinnen, Bürger und Behörden", Colon, "Bürger:innen und Behörden"},
		{"mit Leserinnen und Lesern", Star, "mit Leser*innen"},
		{"mit Leserinnen und Lesern", Neutral, "mit Lesenden"},
		{"Leserinnen und Leser", Underscore, "Leser_innen"},
		{"Leserinnen und Leser", Pair, "Leserinnen und Leser"},
		{"Bürgermeisterinnen und Bürgermeister", Neutral, "Bürgermeisterinnen und Bürgermeister"},
		{"Leserinnen und Hunde", Colon, "Leserinnen und Hunde"},
	} {
		if got := (Manner{Persons: tc.sign}).Say("de", tc.words); got != tc.want {
			t.Errorf("%q with %s is %q, want %q", tc.words, tc.sign, got, tc.want)
		}
	}
}

// TestManner: who has chosen nothing speaks as all begin, and nothing is read
// anew for that; English is never touched.
func TestManner(t *testing.T) {
	if w := (Manner{Address: "ihr"}).Words(); w.Variant != "" || w.Say != nil {
		t.Errorf("nothing is chosen, and that is %+v", w)
	}
	if w := (Manner{Address: Familiar}).Words(); w.Variant != "du" || w.Say != nil {
		t.Errorf("du is %+v", w)
	}
	if got := (Manner{Clubs: Groups}).Say("en", "Der Verein"); got != "Der Verein" {
		t.Errorf("English became %q", got)
	}
	for _, choices := range [][]string{Addresses, ClubWords, Signs} {
		for _, choice := range choices {
			if Sample(choice) == "" {
				t.Errorf("%s has no sample", choice)
			}
		}
	}
	if Sample("laut") != "" {
		t.Error("there is a sample of nothing")
	}
}
