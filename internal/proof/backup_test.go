package proof

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/media/mediatest"
)

const (
	// perSecond is how many activities arrive while the backup is made.
	perSecond = 200
	// authors is how many neighbours write; the one after them follows and does not answer.
	authors = 5
	// before and after are for how long activities arrive before the backup begins and after it ended.
	before, after = 2 * time.Second, time.Second
)

// TestProofBackup makes a backup while activities arrive, and restores it elsewhere: what had been answered when the backup
// began is there, nothing is there in part, and what had not arrived at others goes out once the copy is called the only one.
func TestProofBackup(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, database string) {
		port := connected(t).freePort(t)
		old, v := found(t, "dorf.test", port, database), settle(t, authors+1, port)
		club := old.make(t, "club", "add", "--handle", "tsv", "--name", "TSV Dorf", "--active")
		event := old.make(t, "event", "add", "--club", "tsv", "--name", "Sommerfest", "--start", start, "--end", end, "--image", tent(t), "--alt", "Das Zelt")
		running := old.serve(t)
		inbox, ok := old.document(t, club.ID)["inbox"].(string)
		if !ok {
			t.Fatalf("%s has no inbox", club.ID)
		}
		v.allFollow(t, authors+1, club.ID, inbox)
		silent := v.host(authors)
		v.onArrival(func(a arrival, _ *http.Request) {
			if a.host == silent && a.kind == "Create" {
				panic(http.ErrAbortHandler) // the connection breaks
			}
		})
		news := old.make(t, "post", "add", "--club", "tsv", "--text", "Wer hilft?")
		until(t, patience, "all but the silent host have the post", func() (int, string) {
			if hosts, _ := v.reached("Create", news.ID); hosts < authors {
				return hosts, fmt.Sprintf("%d of %d", hosts, authors)
			}
			return authors, ""
		})

		load := v.write(t, inbox, event.ID)
		time.Sleep(before)
		file := filepath.Join(t.TempDir(), "town.zip")
		began := time.Now()
		made := decode[struct{ Tables []struct{ Rows int } }](t, old.verb(t, "backup", file, "--json"))
		ended := time.Now()
		time.Sleep(after)
		load.end()
		old.verb(t, "verify", file)
		had := old.document(t, event.ID)
		running.kill()
		act(t, "%.0f activities a second arrived while a backup of %d tables was made in %.1f s", load.rate(), len(made.Tables), ended.Sub(began).Seconds())

		where := databasetest.SQLite(t)
		if strings.HasPrefix(database, "postgres") {
			where = databasetest.PostgreSQL(t)
		}
		fresh := found(t, "dorf.test", port, where)
		fresh.verb(t, "restore", file)
		fresh.serve(t)
		fresh.standsBy(t, v, inbox, news.ID)
		v.onArrival(nil)
		fresh.verb(t, "restore", "--only-copy")
		fresh.has(t, load, event.ID, began, ended)
		same(t, "the pictures of the event", fresh.document(t, event.ID)["attachment"], had["attachment"])
		until(t, within, "the waiting delivery goes out", func() (int, string) {
			hosts, _ := v.reached("Create", news.ID)
			if hosts <= authors {
				return hosts, fmt.Sprintf("%d hosts have it", hosts)
			}
			return hosts, ""
		})
		act(t, "what waited for the silent host went out from the restored town")
	})
}

// tent writes a picture into a file and gives its path.
func tent(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "zelt.jpg")
	if err := os.WriteFile(path, mediatest.JPEG("zelt"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// standsBy checks that a restored town speaks with nobody.
func (w *town) standsBy(t *testing.T, v *neighbours, inbox, waiting string) {
	t.Helper()
	hosts, _ := v.reached("Create", waiting)
	if answer := v.post(t, v.client, inbox, 0, "https://"+v.host(0)+"/late", waiting); answer.status != http.StatusServiceUnavailable || answer.header.Get("Retry-After") == "" {
		t.Errorf("the inbox of a restored town answers %d, Retry-After %q", answer.status, answer.header.Get("Retry-After"))
	}
	if page := w.get(t, w.origin+"/", html); page.status != http.StatusOK {
		t.Errorf("readers of a restored town get %d", page.status)
	}
	if now, _ := v.reached("Create", waiting); now != hosts {
		t.Errorf("a restored town delivered to %d hosts before it was called the only copy", now-hosts)
	}
}

// has checks that exactly what had been answered at the backup's moment is applied: all that was answered before it began,
// nothing that was sent after it ended, and of the rest each as a whole or not at all.
func (w *town) has(t *testing.T, load *load, event string, began, ended time.Time) {
	t.Helper()
	type thing struct{ Type, ID, Author, Text, Object string }
	answered, later := load.between(began, ended)
	list := until(t, within, "what was answered before the backup is applied", func() (map[string]thing, string) {
		all := map[string]thing{}
		for _, one := range decode[[]thing](t, w.verb(t, "remote", "list", "--json")) {
			if one.Type == "note" {
				all[one.ID] = one
			}
		}
		missing := 0
		for id := range answered {
			if _, ok := all[id]; !ok {
				missing++
			}
		}
		if missing > 0 {
			return all, fmt.Sprintf("%d of %d are missing", missing, len(answered))
		}
		return all, ""
	})
	for id, one := range list {
		if later[id] {
			t.Errorf("%s was sent after the backup and is in it", id)
		}
		if !strings.HasPrefix(id, strings.TrimSuffix(one.Author, "/actor")) || !strings.Contains(one.Text, id) || one.Object != event {
			t.Errorf("half a note: %+v", one)
		}
	}
	act(t, "all %d activities that were answered before the backup are there, %d of those that came meanwhile, and none of %d later ones",
		len(answered), len(list)-len(answered), len(later))
}

// load is what neighbours write, with the moment when each was sent and when it was answered 202.
type load struct {
	mu             sync.Mutex
	sent, answered map[string]time.Time
	began, over    time.Time
	end            func()
}

// write lets neighbours answer a thing, perSecond times a second, until end is called.
func (v *neighbours) write(t *testing.T, inbox, about string) *load {
	t.Helper()
	l := &load{sent: map[string]time.Time{}, answered: map[string]time.Time{}, began: time.Now()}
	client := *v.client
	lasting := v.client.Transport.(*http.Transport).Clone()
	lasting.DisableKeepAlives, lasting.MaxIdleConnsPerHost = false, 16
	client.Transport = lasting
	work, stop := make(chan int, perSecond), make(chan struct{})
	var writers sync.WaitGroup
	for range 16 {
		writers.Go(func() {
			for n := range work {
				id := fmt.Sprintf("https://%s/notes/%d", v.host(n%authors), n)
				l.note(l.sent, id)
				if answer := v.post(t, &client, inbox, n%authors, id, about); answer.status == http.StatusAccepted {
					l.note(l.answered, id)
				}
			}
		})
	}
	writers.Go(func() {
		tick := time.NewTicker(time.Second / perSecond)
		defer tick.Stop()
		defer close(work)
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			case <-tick.C:
				work <- n
			}
		}
	})
	l.end = sync.OnceFunc(func() {
		close(stop)
		writers.Wait()
		lasting.CloseIdleConnections()
		l.over = time.Now()
	})
	t.Cleanup(l.end)
	return l
}

func (l *load) note(where map[string]time.Time, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	where[id] = time.Now()
}

func (l *load) rate() float64 { return float64(len(l.answered)) / l.over.Sub(l.began).Seconds() }

// between gives what was answered before one moment and what was sent after another.
func (l *load) between(began, ended time.Time) (answered, later map[string]bool) {
	answered, later = map[string]bool{}, map[string]bool{}
	for id, at := range l.answered {
		if at.Before(began) {
			answered[id] = true
		}
	}
	for id, at := range l.sent {
		if at.After(ended) {
			later[id] = true
		}
	}
	return answered, later
}

// post sends the Create of a note by neighbour i. The zero page says that nobody answered.
func (v *neighbours) post(t *testing.T, client *http.Client, inbox string, i int, note, about string) page {
	t.Helper()
	public := []string{"https://www.w3.org/ns/activitystreams#Public"}
	body, err := json.Marshal(map[string]any{
		"@context": "https://www.w3.org/ns/activitystreams", "id": note + "/create", "type": "Create", "actor": v.actor(i), "to": public,
		"object": map[string]any{"id": note, "type": "Note", "attributedTo": v.actor(i), "content": "<p>" + note + "</p>", "inReplyTo": about, "to": public},
	})
	if err != nil {
		t.Error(err)
		return page{}
	}
	request, err := http.NewRequest(http.MethodPost, inbox, bytes.NewReader(body))
	if err == nil {
		err = v.sign(request, v.actor(i)+"#main-key", body)
	}
	if err != nil {
		t.Error(err)
		return page{}
	}
	answer, err := client.Do(request)
	if err != nil {
		return page{}
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(answer.Body) // only for a failing test
	return page{answer.StatusCode, answer.Header, string(said)}
}
