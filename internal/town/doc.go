// Package town keeps what the town says of itself: its name, colours, coat of
// arms and picture, and the pages that every public body needs, from the
// Impressum to Leichte Sprache. It takes reports of barriers from anybody.
//
// Colours are checked before they are kept: what stands on a page can be read.
// Texts are Markdown, kept in every version, and begin with one that says
// truthfully what the program does.
//
// It must not know any kind of thing that clubs publish.
package town
