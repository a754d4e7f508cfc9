package app

import (
	"sync"
	"testing"

	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/post"
)

// TestTheSameFormAtOnce: a double click makes one thing, and one activity, also
// when both forms arrive at the same moment.
func TestTheSameFormAtOnce(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		for range 10 {
			eventKey, postKey := page.NewKey(), page.NewKey()
			start := make(chan struct{})
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					<-start
					if _, err := v.Events.Create(t.Context(), actor.Operator, event.Draft{Key: eventKey, AttributedTo: v.club.ID, Name: "Fest", Start: "11.7.2027"}); err != nil {
						t.Error(err)
					}
				})
				all.Go(func() {
					<-start
					if _, err := v.Posts.Create(t.Context(), actor.Operator, post.Draft{Key: postKey, AttributedTo: v.club.ID, Text: "Wer kommt mit?"}); err != nil {
						t.Error(err)
					}
				})
			}
			close(start)
			all.Wait()
		}
		if n := v.count("activities", "type = '"+activity.Create+"'"); n != 20 {
			t.Errorf("%d activities tell of 20 things", n)
		}
	})
}
