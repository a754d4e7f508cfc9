package activitystreams

// The limits of what comes from elsewhere; docs/federation.md says them to
// other servers. Lengths are characters unless it says bytes; where Mastodon
// has a limit, it is that one.

// A document beyond one of these is refused: cut, it would say something else.
const (
	maxBytes      = 1 << 20   // bytes of a document
	maxDepth      = 32        // levels
	maxTokens     = 10_000    // keys and values
	maxString     = 256 << 10 // bytes of any text
	maxNumber     = 100       // digits of any number
	maxRecipients = 1000      // in to, and in cc
	maxUsername   = 2048
)

// A value beyond one of these is none: half of it means nothing.
const (
	// maxID keeps two ids, which many rows are unique by, below what an index
	// of PostgreSQL takes (2704 bytes). An id that is needed is refused.
	maxID       = 1024      // bytes
	maxURL      = 2692      // bytes of an address that only leads somewhere
	maxHost     = 253       // bytes, RFC 1035 2.3.4
	maxLabel    = 63        // bytes between two dots of a host
	maxTerm     = 100       // bytes of a type, a media type, a time zone, a status ...
	maxKey      = 8192      // bytes of a public key
	maxBlurhash = 4 + 2*9*9 // bytes
	maxSize     = 100_000   // pixels of a side, or people at an Event
)

// What is beyond these is cut off.
const (
	maxName        = 2048
	maxBiography   = 20_000
	maxSummary     = 20_000
	maxContent     = 100 << 10 // bytes, before it is cleaned
	maxDescription = 10_000    // of a picture
	maxField       = 2047      // of a profile
	maxAddress     = 500       // of each line of a postal address
	maxComment     = 5000      // of a Flag
	maxReaction    = 100       // of an EmojiReact
)

// Of a list this many entries are kept.
const (
	maxList        = 1000 // of any list
	maxTags        = 200
	maxAttachments = 32
	maxFields      = 50 // of a profile
	maxAliases     = 256
	maxKeys        = 10
	maxLanguages   = 100
)
