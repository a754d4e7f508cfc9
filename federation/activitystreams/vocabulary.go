package activitystreams

import (
	"context"
	"maps"
	"time"

	"github.com/superseriousbusiness/activity/streams"
	"github.com/superseriousbusiness/activity/streams/vocab"
)

// values are the properties that are read through the vocabulary: natural
// language values and times in all the shapes that it knows.
type values struct {
	name, summary, content                 string
	published, updated, startTime, endTime time.Time
}

// vocabulary reads an object or an actor with the vocabulary package. It gets
// only what is read through it, in shapes that it survives: it panics on a
// type that is a list or null anywhere in the tree. Types that it does not
// know are read by the same accessors that read the extensions.
func (d document) vocabulary() (v values) {
	v = values{
		name: d.natural("name"), summary: d.natural("summary"), content: d.natural("content"),
		published: d.time("published"), updated: d.time("updated"), startTime: d.time("startTime"), endTime: d.time("endTime"),
	}
	t := d.typed()
	if t == nil {
		return v
	}
	if o, ok := t.(interface {
		GetActivityStreamsPublished() vocab.ActivityStreamsPublishedProperty
	}); ok {
		if p := o.GetActivityStreamsPublished(); p != nil && p.IsXMLSchemaDateTime() {
			v.published = p.Get()
		}
	}
	if o, ok := t.(interface {
		GetActivityStreamsUpdated() vocab.ActivityStreamsUpdatedProperty
	}); ok {
		if p := o.GetActivityStreamsUpdated(); p != nil && p.IsXMLSchemaDateTime() {
			v.updated = p.Get()
		}
	}
	if o, ok := t.(interface {
		GetActivityStreamsContent() vocab.ActivityStreamsContentProperty
	}); ok {
		if p := o.GetActivityStreamsContent(); p != nil && p.Len() > 0 && p.At(0).IsXMLSchemaString() {
			v.content = p.At(0).GetXMLSchemaString()
		}
	}
	if o, ok := t.(interface {
		GetActivityStreamsName() vocab.ActivityStreamsNameProperty
	}); ok {
		if p := o.GetActivityStreamsName(); p != nil && p.Len() > 0 && p.At(0).IsXMLSchemaString() {
			v.name = p.At(0).GetXMLSchemaString()
		}
	}
	return v
}

// typedKeys are what the vocabulary reads.
var typedKeys = []string{"name", "summary", "content", "published", "updated", "startTime", "endTime"}

// typed gives the document as a type of the vocabulary, nil when it knows none.
func (d document) typed() (t vocab.Type) {
	// The guard and the choice of keys leave it nothing to panic about; a fault
	// in a library must still not take the server down.
	defer func() {
		if recover() != nil {
			t = nil
		}
	}()
	m := map[string]any{"@context": namespace, "type": d.kind()}
	for _, key := range typedKeys {
		if s, ok := d[key].(string); ok {
			m[key] = s
		}
	}
	t, err := streams.ToType(context.Background(), maps.Clone(m))
	if err != nil {
		return nil
	}
	return t
}
