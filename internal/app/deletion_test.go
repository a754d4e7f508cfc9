package app

import (
	"context"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/outbox"
	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
)

// deletion deletes something that two servers have, and gives the key of its page. One host took it, the other one is silent.
func (v *village) deletion() string {
	v.t.Helper()
	for _, id := range []string{"https://nimmt.test/u/ada", "https://stumm.test/u/ole"} {
		v.meet(id)
		err := v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error {
			return v.Actors.PutFollow(ctx, tx, &actor.Follow{ID: id + "#f", ActorID: id, ObjectID: v.club.ID, State: actor.FollowAccepted})
		})
		if err != nil {
			v.t.Fatal(err)
		}
	}
	p := v.post("Das kommt wieder weg")
	v.deliver("nimmt.test", outbox.Done, 202)
	v.deliver("stumm.test", outbox.Done, 202)
	if err := v.Activities.DeleteObject(v.t.Context(), actor.Operator, p.ID); err != nil {
		v.t.Fatal(err)
	}
	list, err := v.Activities.Deletions(v.t.Context(), v.club.ID, "", 1)
	if err != nil || len(list) != 1 {
		v.t.Fatalf("%v %v", list, err)
	}
	v.deliver("nimmt.test", outbox.Done, 202)
	v.deliver("stumm.test", outbox.Failed, 0)
	for _, id := range []string{"https://nimmt.test/u/ada", "https://stumm.test/u/ole"} { // others count who follows
		if _, err := v.db.Pool().ExecContext(v.t.Context(), "DELETE FROM follows WHERE actor_id = '"+id+"'"); err != nil {
			v.t.Fatal(err)
		}
	}
	return list[0].Key()
}

// deliver lets all that waits for a host end in the same way, as the dispatcher would.
func (v *village) deliver(host string, outcome outbox.Outcome, status int) {
	v.t.Helper()
	lanes := v.Activities.Lanes()
	for range 20 {
		now := time.Now().UTC().Add(time.Minute)
		claimed, err := lanes.Claim(v.t.Context(), outbox.Claim{
			Owner: "test", Now: now, Lease: time.Minute, Batch: 10, Limits: [3]int{100, 100, 100}, Next: func(int) time.Time { return now.Add(time.Hour) },
		})
		if err != nil {
			v.t.Fatal(err)
		}
		if len(claimed) == 0 {
			return
		}
		var reports []outbox.Report
		some := false
		for _, lane := range claimed {
			r := outbox.Report{Host: lane.Host, Wakes: lane.Wakes, Health: lane.Health, Ended: true}
			for _, d := range lane.Deliveries {
				one := outbox.Result{Delivery: d, Outcome: outbox.Held}
				if lane.Host == host {
					some = true
					one = outbox.Result{Delivery: d, Outcome: outcome, Status: status, Next: now.Add(time.Hour)}
					if outcome != outbox.Done {
						one.Error = "antwortet nicht"
					}
				}
				r.Results = append(r.Results, one)
			}
			reports = append(reports, r)
		}
		if _, err := lanes.Finish(v.t.Context(), "test", reports); err != nil {
			v.t.Fatal(err)
		}
		if !some {
			return
		}
	}
}

// TestDeletions: it is known who was told of a deletion and who took it, for the town hall and for the club's editors alone.
func TestDeletions(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		key := v.deletion()
		v.person("ruth@example.org", account.Townhall)
		v.person("anna@example.org", account.Editor, "tsv")
		v.person("bert@example.org", account.Resident)
		hall, anna, bert := v.signedIn("ruth@example.org"), v.signedIn("anna@example.org"), v.signedIn("bert@example.org")
		for b, path := range map[*browser]string{hall: "/rathaus/loeschungen", anna: "/vereine/tsv/loeschungen"} {
			b.open(path)
			b.shows(200, "Aushang vom", "TSV, gelöscht am", "Geht an 2 Plattformen", "1 hat bestätigt", "1 wartet noch")
			b.hides("Das kommt wieder weg")
			b.open(path + "/" + key)
			b.shows(200, "nimmt.test", "bestätigt am", "stumm.test", "wartet, nächster Versuch", "antwortet nicht")
		}
		bert.open("/vereine/tsv/loeschungen/" + key)
		bert.shows(403)
		if err := v.Activities.TellAgain(t.Context(), v.find("bert@example.org"), v.Actors.Site().ActivityID(key)); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("a resident sends it again: %v", err)
		}
		if err := v.Activities.TryNow(t.Context(), actor.Operator, "stumm.test"); err != nil {
			t.Fatal(err)
		}
		v.deliver("stumm.test", outbox.Forget, 410)
		anna.open("/vereine/tsv/loeschungen/" + key)
		anna.shows(200, "1 hat nicht angenommen", "nicht mehr gibt (410)")

		// What the town hall dropped can be sent all the same.
		if err := v.Activities.Drop(t.Context(), actor.Operator, "stumm.test"); err != nil {
			t.Fatal(err)
		}
		anna.open("/vereine/tsv/loeschungen/" + key)
		anna.shows(200, "aufgegeben")
		anna.send("Noch einmal senden", nil)
		anna.shows(200, "Wird jetzt gesendet", "wartet, nächster Versuch")
		v.deliver("stumm.test", outbox.Done, 200)
		hall.open("/rathaus/loeschungen/" + key)
		hall.shows(200, "2 haben bestätigt")
		hall.hides("Noch einmal senden", "wartet noch")
		if n := v.count("deliveries"); n != 0 {
			t.Errorf("%d deliveries are left", n)
		}
	})
}

// TestDeletionsAreForgotten: after 90 days nobody knows who was told.
func TestDeletionsAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.deletion()
		for _, step := range []struct {
			age             time.Duration
			deletions, told int
		}{{90*24*time.Hour - time.Hour, 1, 2}, {90*24*time.Hour + time.Hour, 0, 0}} {
			created := time.Now().UTC().Add(-step.age).Format("2006-01-02 15:04:05") + "+00:00"
			if _, err := v.db.Pool().ExecContext(t.Context(), "UPDATE deletions SET created = '"+created+"'"); err != nil {
				t.Fatal(err)
			}
			if err := v.Activities.Forget(t.Context()); err != nil {
				t.Fatal(err)
			}
			if d, n := v.count("deletions"), v.count("told"); d != step.deletions || n != step.told {
				t.Errorf("after %v there are %d deletions and %d who were told", step.age, d, n)
			}
		}
	})
}
