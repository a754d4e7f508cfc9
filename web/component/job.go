package component

// A Job is something for which volunteers are looked for, in a list ("job").
type Job struct {
	Href, Name, Lang string
	// Kind says how often and how long, Seeking how many are wanted still, or "".
	Kind, Seeking string
	// Off is true when nobody is wanted any more.
	Off bool
	// Place is where, When is the time in words, or "".
	Place, When string
	// Remote is true for what can be done from anywhere.
	Remote bool
	// By is the club, "" to leave it out, From says from which town it comes when
	// that is another one.
	By, From string
	// Match says why it fits whoever looks for something, nil for nothing.
	Match *Match
	// Stale says that nobody has confirmed it for long.
	Stale bool
}

// A Match says why something fits, in words ("match"). Part is true for what
// fits in part only.
type Match struct {
	Part bool
	Text string
}
