package web

// A Look is how one town looks: what the town hall can change of it. All are
// paths on this server; "" is the drawing or the colours that come with the
// program.
type Look struct {
	// Name is the town's.
	Name string
	// Stylesheet sets the colours of the town, after our own stylesheet.
	Stylesheet string
	// Arms is the coat of arms, a raster picture or a drawing, and ArmsAlt what it
	// shows; "" when it is decoration beside the name.
	Arms, ArmsAlt string
	// Picture is the wide picture of the start page, with what it shows; "" when it
	// is decoration.
	Picture, PictureAlt string
	// Official says on every page that this is the website of a public body.
	Official bool
	// Contact are the lines of the footer that say whom to ask, plain text.
	Contact []string
}

// look gives how the town looks now.
func (s *Site) look() Look {
	var l Look
	if s.Options.Look != nil {
		l = s.Options.Look()
	}
	if l.Name == "" {
		l.Name = s.Name
	}
	return l
}
