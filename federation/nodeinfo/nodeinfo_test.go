package nodeinfo

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestLinks(t *testing.T) {
	w := httptest.NewRecorder()
	Links("https://here.test", "https://here.test/ap/instance").ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	var doc struct{ Links []struct{ Rel, Href string } }
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Links) != 3 || doc.Links[0].Href != "https://here.test/nodeinfo/2.1" || doc.Links[2].Href != "https://here.test/ap/instance" {
		t.Errorf("%+v", doc)
	}
	for _, l := range doc.Links {
		if l.Href == "" || l.Rel == "" {
			t.Errorf("an empty link in %+v", doc)
		}
	}
}

func TestHandler(t *testing.T) {
	for _, version := range versions {
		w := httptest.NewRecorder()
		Handler(version, func(*http.Request) (Document, error) {
			return Document{Software: Software{Name: "aushang", Version: "1", Repository: "https://r.test"}}, nil
		}).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
			t.Errorf("type %s", w.Header().Get("Content-Type"))
		}
		body := w.Body.String()
		if !strings.Contains(body, `"version":"`+version+`"`) || !strings.Contains(body, `"users":{}`) || strings.Contains(body, "repository") != (version == "2.1") {
			t.Errorf("%s: %s", version, body)
		}
	}
}
