package app

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/object"
)

// switches gives, for each setting that is on or off, how to turn it over.
func switches(t reflect.Type, path ...int) map[string]func(*config.Config) {
	found := map[string]func(*config.Config){}
	for i := range t.NumField() {
		index := append(append([]int{}, path...), i)
		switch f := t.Field(i); f.Type.Kind() {
		case reflect.Struct:
			for name, turn := range switches(f.Type, index...) {
				found[f.Name+"."+name] = turn
			}
		case reflect.Bool:
			if f.IsExported() {
				found[f.Name] = func(c *config.Config) {
					v := reflect.ValueOf(c).Elem().FieldByIndex(index)
					v.SetBool(!v.Bool())
				}
			}
		}
	}
	return found
}

// TestUnsigned: T-SIG-04, no setting lets a delivery in that nobody has signed.
func TestUnsigned(t *testing.T) {
	all := switches(reflect.TypeFor[config.Config]())
	all["none"] = func(*config.Config) {}
	for name, turn := range all {
		t.Run("T-SIG-04 with the setting turned over: "+name, func(t *testing.T) {
			v := found(t, migrated.SQLite(t), turn)
			h, err := v.routes(v.queue)
			if err != nil {
				t.Fatal(err)
			}
			v.meet(lena)
			body := `{"@context":"https://www.w3.org/ns/activitystreams","id":"https://b.test/f/1","type":"Follow","actor":"` + lena + `","object":"` + v.club.ID + `"}`
			r := httptest.NewRequest(http.MethodPost, "https://here.test/ap/inbox", strings.NewReader(body))
			r.Header.Set("Content-Type", as.MediaType)
			answer := httptest.NewRecorder()
			h.ServeHTTP(answer, r)
			if answer.Code != http.StatusUnauthorized || v.count("inbox") != 0 {
				t.Errorf("status %d, %d kept", answer.Code, v.count("inbox"))
			}
		})
	}
}

// TestReplay: T-SIG-10, the same delivery once more changes nothing.
func TestReplay(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		t.Run("T-SIG-10 a Like twice", func(t *testing.T) {
			v := found(t, url)
			v.meet(lena)
			e := v.event("Sommerfest")
			for range 2 {
				v.receive(`{"id":"https://b.test/l/1","type":"Like","actor":"%s","object":"%s"}`, lena, e.ID)
			}
			if got, want := v.counts(e.ID), (object.Counts{Likes: 1}); got != want || v.count("inbox") != 1 {
				t.Errorf("%+v, %d kept", got, v.count("inbox"))
			}
		})
	})
}
