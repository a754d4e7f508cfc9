package activitystreams

import "testing"

func BenchmarkDecode(b *testing.B) {
	body := corpus(b)["mastodon-reply"]
	for b.Loop() {
		if _, err := Decode(body); err != nil {
			b.Fatal(err)
		}
	}
}
