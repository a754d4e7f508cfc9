package activitystreams

// The types of activities between servers (ActivityPub 7, ActivityStreams
// vocabulary 3.1, FEP-c0e0, FEP-044f).
const (
	Create       = "Create"
	Update       = "Update"
	Delete       = "Delete"
	Follow       = "Follow"
	Accept       = "Accept"
	Reject       = "Reject"
	Like         = "Like"
	EmojiReact   = "EmojiReact"
	Announce     = "Announce"
	Undo         = "Undo"
	Block        = "Block"
	Flag         = "Flag"
	Move         = "Move"
	Add          = "Add"
	Remove       = "Remove"
	QuoteRequest = "QuoteRequest"
)

// Ref gives the id of what the item is or names, "" for none.
func (i Item) Ref() string {
	switch {
	case i.Activity != nil:
		return i.Activity.ID
	case i.Object != nil:
		return i.Object.ID
	case i.Actor != nil:
		return i.Actor.ID
	}
	return i.ID
}
