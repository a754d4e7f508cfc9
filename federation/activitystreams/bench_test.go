package activitystreams

import "testing"

const mastodonNote = `{"@context":["https://www.w3.org/ns/activitystreams",{"ostatus":"http://ostatus.org#","atomUri":"ostatus:atomUri","inReplyToAtomUri":"ostatus:inReplyToAtomUri","conversation":"ostatus:conversation","sensitive":"as:sensitive","toot":"http://joinmastodon.org/ns#","votersCount":"toot:votersCount"}],"id":"https://mastodon.example/users/lena/statuses/1/activity","type":"Create","actor":"https://mastodon.example/users/lena","published":"2026-07-01T10:00:00Z","to":["https://www.w3.org/ns/activitystreams#Public"],"cc":["https://mastodon.example/users/lena/followers","https://here.test/ap/actors/1"],"object":{"id":"https://mastodon.example/users/lena/statuses/1","type":"Note","summary":null,"inReplyTo":"https://here.test/ap/objects/1","published":"2026-07-01T10:00:00Z","url":"https://mastodon.example/@lena/1","attributedTo":"https://mastodon.example/users/lena","to":["https://www.w3.org/ns/activitystreams#Public"],"cc":["https://mastodon.example/users/lena/followers","https://here.test/ap/actors/1"],"sensitive":false,"atomUri":"https://mastodon.example/users/lena/statuses/1","conversation":"tag:mastodon.example,2026-07-01:objectId=1:objectType=Conversation","content":"<p><span class=\"h-card\"><a href=\"https://here.test/vereine/tsv\" class=\"u-url mention\">@<span>tsv</span></a></span> Wir kommen!</p>","contentMap":{"de":"<p><span class=\"h-card\"><a href=\"https://here.test/vereine/tsv\" class=\"u-url mention\">@<span>tsv</span></a></span> Wir kommen!</p>"},"attachment":[],"tag":[{"type":"Mention","href":"https://here.test/ap/actors/1","name":"@tsv@here.test"}],"replies":{"id":"https://mastodon.example/users/lena/statuses/1/replies","type":"Collection","first":{"type":"CollectionPage","next":"https://mastodon.example/users/lena/statuses/1/replies?only_other_accounts=true&page=true","partOf":"https://mastodon.example/users/lena/statuses/1/replies","items":[]}}}}`

func BenchmarkDecode(b *testing.B) {
	for b.Loop() {
		if _, err := Decode([]byte(mastodonNote)); err != nil {
			b.Fatal(err)
		}
	}
}
