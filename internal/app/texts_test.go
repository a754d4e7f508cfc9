package app

import (
	"bufio"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/pelletier/go-toml/v2"
	dom "golang.org/x/net/html"
)

// textFile is the file into which TestTexts writes every German sentence.
var textFile = flag.String("texts", "", "the file for every German sentence with its place")

// spoken is something that is said in German.
type spoken struct {
	// place is the file with its line, key that of the catalogue or "".
	place, key, text string
}

const (
	source       = "../.."
	mostWords    = 20
	fewestSpoken = 400
)

// unwanted are words that people in a village do not use, with their forms.
var unwanted = regexp.MustCompile(`(?i)(^|[^\p{L}])(accounts?|logins?|users?|instanz(en)?|boosts?|timelines?|posten|contents?)($|[^\p{L}])`)

// familiar are the words with which one says du, and beginnings of sentences
// that do.
var familiar = regexp.MustCompile(`(?i)(^|[^\p{L}])(du|dich|dir|dein|deine[mnrs]?|euch|euer|eure[mnrs]?)($|[^\p{L}])|^(klicke?|gib|schreibe?|wähle|lies|öffne|prüfe|versuche|melde dich) `)

// fitting says why a text may have an unwanted word, by its key.
var fitting = map[string]string{"manner.address.du": "the town hall chooses it"}

// fault are the keys of what is said when something went wrong: a key with a
// blank is a sentence of the program. The page of parts (style) only shows them.
var fault = regexp.MustCompile(` |^error\..*\.text$|\.wrong$|\.wrong\.|\.gone\.text$|^follow\.(own|unknown|name|silent|unable|busy)$|^form\.(stale|closed|gone)$`)

// wayOut finds what tells people what to do: "Bitte wählen Sie", "Sie können",
// "sehen Sie".
var wayOut = regexp.MustCompile(`\p{L}+n Sie( |[.,:;?!])|(^|[ ])(Sie können|können Sie|kann man)`)

// TestTexts: what is said in German is short, polite and in words that people
// use, and each error says what to do. With -texts it is all written into a file.
func TestTexts(t *testing.T) {
	all, translated := catalogues(t), map[string]bool{}
	for _, s := range all {
		translated[s.key] = true
	}
	all = append(append(all, programs(t, translated)...), starts(t)...)
	if len(all) < fewestSpoken {
		t.Errorf("only %d texts were found", len(all))
	}
	for _, s := range all {
		for _, complaint := range complaints(s) {
			t.Errorf("%s %s: %s", s.place, s.key, complaint)
		}
	}
	if *textFile == "" {
		return
	}
	var out strings.Builder
	count := 0
	for _, s := range all {
		for _, sentence := range sentencesOf(s.text) {
			count++
			fmt.Fprintf(&out, "%s\t%s\t%s\n", s.place, s.key, sentence)
		}
	}
	for _, sentence := range otherwise(t) {
		count++
		out.WriteString(sentence + "\n")
	}
	if err := os.WriteFile(*textFile, []byte(out.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d sentences: %s", count, *textFile)
}

// complaints gives what is wrong with a text.
func complaints(s spoken) []string {
	var list []string
	for _, sentence := range sentencesOf(s.text) {
		if n := wordCount(sentence); n > mostWords {
			list = append(list, fmt.Sprintf("%d words in a sentence, at most %d: %s", n, mostWords, sentence))
		}
		if familiar.MatchString(sentence) && fitting[s.key] == "" {
			list = append(list, "it says du: "+sentence)
		}
		if m := unwanted.FindStringSubmatch(sentence); m != nil && fitting[s.key] == "" {
			list = append(list, fmt.Sprintf("the word %q: %s", m[2], sentence))
		}
	}
	if fault.MatchString(s.key) && !strings.HasPrefix(s.key, "style.") && !wayOut.MatchString(s.text) {
		list = append(list, "the error does not say what to do (“Bitte … Sie”): "+s.text)
	}
	return list
}

// abbreviated are ends that end no sentence.
var abbreviated = regexp.MustCompile(`(?:^|[ (])(?:z|B|Nr|Abs|Art|Str|St|ca|bzw|usw|e|V|d|h|u|a|Mo|Di|Mi|Do|Fr|Sa|So|lit|vgl|Tel)$`)

// digit and numbered find a number and what follows in which its point is no end.
var (
	digit    = regexp.MustCompile(`\d$`)
	numbered = regexp.MustCompile(`^\s*(\p{Ll}|\d|Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)`)
)

// sentencesOf splits a text at . ! and ?, and where a line of Markdown ends
// that is a heading or of a list.
func sentencesOf(text string) []string {
	var list []string
	for _, block := range blocks(text) {
		rest, from := block, 0
		for i, r := range rest {
			next := strings.TrimLeft(rest[i+len(string(r)):], "“”\")*_")
			if !strings.ContainsRune(".!?", r) || next != "" && !unicode.IsSpace(rune(next[0])) || r == '.' && (abbreviated.MatchString(rest[from:i]) || digit.MatchString(rest[from:i]) && numbered.MatchString(next)) {
				continue
			}
			end := len(rest) - len(next)
			list, from = append(list, strings.TrimSpace(rest[from:end])), end
		}
		list = append(list, strings.TrimSpace(rest[from:]))
	}
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

var (
	listed = regexp.MustCompile(`^\s*([-*#>|]|\d+\.)\s*`)
	action = regexp.MustCompile(`{{[^}]*}}`)
)

// blocks joins the lines of a paragraph, and leaves those of lists and headings
// alone.
func blocks(text string) []string {
	var list []string
	open := false
	for line := range strings.Lines(text) {
		plain := strings.TrimSpace(listed.ReplaceAllString(line, ""))
		switch {
		case plain == "":
			open = false
		case open && !listed.MatchString(line):
			list[len(list)-1] += " " + plain
		default:
			list, open = append(list, plain), true
		}
	}
	return list
}

// wordCount counts what has a letter or a digit; what is filled in is a word.
func wordCount(sentence string) int {
	n := 0
	for _, w := range strings.Fields(action.ReplaceAllString(sentence, "X")) {
		if strings.ContainsFunc(w, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			n++
		}
	}
	return n
}

// eachFile calls with every file of the program whose path fits, and its text.
func eachFile(t *testing.T, fits *regexp.Regexp, call func(path, text string)) {
	t.Helper()
	for _, top := range []string{"cmd", "internal", "web"} {
		err := filepath.WalkDir(filepath.Join(source, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				if d != nil && (d.Name() == "node_modules" || d.Name() == "testdata") {
					return fs.SkipDir
				}
				return err
			}
			path, _ = filepath.Rel(source, path)
			if path = filepath.ToSlash(path); !fits.MatchString(path) {
				return nil
			}
			text, err := os.ReadFile(filepath.Join(source, path))
			if err == nil {
				call(path, string(text))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// catalogues gives the words of every text.de.toml.
func catalogues(t *testing.T) []spoken {
	t.Helper()
	var all []spoken
	eachFile(t, regexp.MustCompile(`/text\.de\.toml$`), func(path, text string) {
		var words map[string]any
		if err := toml.Unmarshal([]byte(text), &words); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		var from []spoken
		for key, value := range words {
			switch value := value.(type) {
			case string:
				from = append(from, spoken{lineOf(path, text, key), key, value})
			case map[string]any: // a plural
				for _, form := range value {
					from = append(from, spoken{lineOf(path, text, key), key, fmt.Sprint(form)})
				}
			}
		}
		slices.SortFunc(from, func(a, b spoken) int { return strings.Compare(a.place+a.key+a.text, b.place+b.key+b.text) })
		all = append(all, from...)
	})
	return all
}

// lineOf gives the place of a key in a file.
func lineOf(path, text, key string) string {
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		if strings.Contains(lines.Text(), strconv.Quote(key)) {
			return fmt.Sprintf("%s:%04d", path, n)
		}
	}
	return path
}

// german finds text that is German.
var german = regexp.MustCompile(`[äöüßÄÖÜ„]|(^| )(der|die|das|und|ist|nicht|eine?|wird|mit|für|auf|bitte|Sie)( .*)? (der|die|das|und|ist|nicht|eine?|wird|mit|für|auf|bitte|Sie)( |$)`)

// sentence finds what is more than a list of words.
var sentence = regexp.MustCompile(`(?s) .*[.,:;!?]`)

// programs gives the German that stands in the program itself, such as samples;
// what is translated stands there in English.
func programs(t *testing.T, translated map[string]bool) []spoken {
	t.Helper()
	var all []spoken
	eachFile(t, regexp.MustCompile(`\.go$`), func(path, text string) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if said, _ := strconv.Unquote(lit.Value); german.MatchString(said) && sentence.MatchString(said) && !translated[said] {
					all = append(all, spoken{fmt.Sprintf("%s:%04d", path, set.Position(lit.Pos()).Line), "", said})
				}
			}
			return true
		})
	})
	return all
}

// starts gives the German texts that pages start with.
func starts(t *testing.T) []spoken {
	t.Helper()
	var all []spoken
	eachFile(t, regexp.MustCompile(`(\.de|/de/[^/]+|/de)\.(md|txt)$`), func(path, text string) {
		line := 0
		for block := range strings.SplitSeq(text, "\n\n") {
			if strings.TrimSpace(block) != "" {
				all = append(all, spoken{fmt.Sprintf("%s:%04d", path, line+1), "", block})
			}
			line += strings.Count(block, "\n") + 2
		}
	})
	return all
}

// TestComplaints: what is wrong with a text is found, what is right is not.
func TestComplaints(t *testing.T) {
	const long = "Dies ist ein Satz, der so lange ist, dass ihn niemand in einem Zug liest, der auf dem Telefon noch etwas anderes vorhat."
	for _, tc := range []struct {
		key, text string
		want      int
	}{
		{"x", "Guten Tag.", 0},
		{"x", long, 1},
		{"x", strings.ReplaceAll(long, "liest, der", "liest. Der"), 0},
		{"x", "Melden Sie sich mit Ihrem Account an.", 1},
		{"x", "Kontent und Userinnen", 0},
		{"x", "Die Instanzen", 1},
		{"x", "Sie können posten.", 1},
		{"x", "Hast du dein Fest angekündigt?", 1},
		{"x", "Wähle einen Tag.", 1},
		{"x", "Durch dieselbe Tür", 0},
		{"x.wrong", "Das ist falsch.", 1},
		{"x.wrong", "Das ist falsch. Bitte prüfen Sie es.", 0},
		{"This is wrong.", "Das ist falsch.", 1},
		{"x", "- " + strings.Repeat("eins ", 12) + "\n- " + strings.Repeat("zwei ", 12), 0},
		{"x", "# " + strings.Repeat("eins ", 12) + "\n\n" + strings.Repeat("zwei\n", 12), 0},
		{"x", strings.Repeat("drei ", 15) + "am 11. Juli um 19 Uhr mit {{.Name or}} und allen", 1},
		{"x", "Der Kontrast ist nur %d,%d zu 1. Nötig sind auf diesem Papier wenigstens 4,5 zu 1. Nehmen Sie eine Farbe, die dunkler ist.", 0},
	} {
		if got := complaints(spoken{"here", tc.key, tc.text}); len(got) != tc.want {
			t.Errorf("%s %q: %q", tc.key, tc.text, got)
		}
	}
}

// proper are words in templates that are the same in every language.
var proper = []string{"RSS", "Atom", "JSON", "JSON Feed", "JSON-LD", "CSV", "ICS", "Mastodon", "Aushang"}

// TestWordsOfTemplates: templates have no words of their own; those of the
// catalogues come in two languages.
func TestWordsOfTemplates(t *testing.T) {
	word := regexp.MustCompile(`\p{L}{2,}`)
	eachFile(t, regexp.MustCompile(`\.html$`), func(path, text string) {
		tokens := dom.NewTokenizer(strings.NewReader(action.ReplaceAllString(regexp.MustCompile(`(?s){{/\*.*?\*/}}`).ReplaceAllString(text, ""), " ")))
		for kind := tokens.Next(); kind != dom.ErrorToken; kind = tokens.Next() {
			token := tokens.Token()
			said := []string{}
			if kind == dom.TextToken {
				said = append(said, token.Data)
			}
			for _, a := range token.Attr {
				if slices.Contains([]string{"alt", "title", "aria-label", "placeholder", "summary", "label"}, a.Key) {
					said = append(said, a.Val)
				}
			}
			for _, s := range said {
				if strings.Contains(s, `="`) || strings.HasPrefix(s, "{") || strings.HasPrefix(s, "@") {
					continue // attributes in a template of their own, and names of what is filled in
				}
				if s = strings.TrimSpace(s); word.MatchString(s) && !slices.Contains(proper, strings.Trim(s, " ·,:()")) {
					t.Errorf("%s says %q, which is in no catalogue", path, s)
				}
			}
		}
	})
}
