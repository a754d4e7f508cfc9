package moderation

import "testing"

func TestWordsInDisguise(t *testing.T) {
	for name, tc := range map[string]struct {
		word, text string
		want       bool
	}{
		"T-MOD-07 as it is":               {"Viagra", "Kauft Viagra!", true},
		"T-MOD-07 in capitals":            {"viagra", "VIAGRA", true},
		"T-MOD-07 full width":             {"viagra", "Ｖｉａｇｒａ", true},
		"T-MOD-07 mathematical":           {"viagra", "𝓥𝓲𝓪𝓰𝓻𝓪 𝐕𝐢𝐚𝐠𝐫𝐚", true},
		"T-MOD-07 Cyrillic":               {"viagra", "vіаgrа", true},
		"T-MOD-07 Greek":                  {"viagra", "νιαgrα", true},
		"T-MOD-07 zero width":             {"viagra", "via\u200bgr\u200da\ufeff", true},
		"T-MOD-07 soft hyphen":            {"viagra", "via\u00adgra", true},
		"T-MOD-07 accents":                {"viagra", "víàgrä", true},
		"T-MOD-07 a heap of accents":      {"viagra", "v\u0336i\u0336a\u0336g\u0336r\u0336a\u0336", true},
		"T-MOD-07 digits":                 {"viagra", "v1agr4", true},
		"T-MOD-07 a typed word is folded": {"Víаgra", "viagra", true},
		"T-MOD-07 hidden right to left":   {"viagra", "\u202eviagra\u202c", true},
		"T-MOD-07 blank letters":          {"viagra", "via\u3164gra", true},
		"T-MOD-07 in circles":             {"viagra", "ⓥⓘⓐⓖⓡⓐ", true},
		"German":                          {"Größe", "groesse GRÖSSE", true},
		"a part of a word":                {"kredit", "Kreditkarte", false},
		"the beginning of a word":         {"kredit*", "Kreditkarte", true},
		"the end of a word":               {"*kredit", "Sofortkredit", true},
		"in the middle":                   {"*kredit*", "Sofortkreditkarte", true},
		"later in the text":               {"kredit", "Kreditkarte, Kredit", true},
		"two words":                       {"schnelles geld", "Schnelles Geld hier", true},
		"another word":                    {"viagra", "Niagara", false},
		"nothing":                         {"viagra", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := holds(Fold(tc.text), Fold(tc.word)); got != tc.want {
				t.Errorf("%q in %q: %v", tc.word, tc.text, got)
			}
		})
	}
}

func FuzzFold(f *testing.F) {
	f.Add("Kauft Viagra!", "*via*")
	f.Add("\xff\u0336", "***")
	f.Fuzz(func(t *testing.T, text, word string) {
		holds(Fold(text), Fold(word))
		if once := Fold(text); Fold(once) != once {
			t.Errorf("%q is folded to %q and then to %q", text, once, Fold(once))
		}
	})
}
