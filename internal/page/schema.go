package page

import (
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/markup"
)

// A Schema is a thing in the words of schema.org, for search engines and
// assistants (JSON-LD). Only what everybody may see belongs into it.
type Schema struct {
	Context string `json:"@context,omitempty"`
	Type    string `json:"@type"`
	ID      string `json:"@id,omitempty"`
	URL     string `json:"url,omitempty"`
	Name    string `json:"name,omitempty"`
	// AlternateName is the address of a club in the Fediverse.
	AlternateName string `json:"alternateName,omitempty"`
	Description   string `json:"description,omitempty"`
	Text          string `json:"text,omitempty"`
	Image         string `json:"image,omitempty"`
	Logo          string `json:"logo,omitempty"`
	InLanguage    string `json:"inLanguage,omitempty"`
	// Keywords are words that say what it is about, SameAs is its own website.
	Keywords string `json:"keywords,omitempty"`
	SameAs   string `json:"sameAs,omitempty"`
	// Times are as in ISO 8601; of a whole day only its date.
	StartDate           string  `json:"startDate,omitempty"`
	EndDate             string  `json:"endDate,omitempty"`
	PreviousStartDate   string  `json:"previousStartDate,omitempty"`
	EventStatus         string  `json:"eventStatus,omitempty"`
	EventAttendanceMode string  `json:"eventAttendanceMode,omitempty"`
	Location            *Schema `json:"location,omitempty"`
	Address             string  `json:"address,omitempty"`
	Organizer           *Schema `json:"organizer,omitempty"`
	Author              *Schema `json:"author,omitempty"`
	DatePublished       string  `json:"datePublished,omitempty"`
	DateModified        string  `json:"dateModified,omitempty"`
}

// Vocabulary is the context of a whole document.
const Vocabulary = "https://schema.org"

// Organization describes an actor of ours.
func Organization(a *actor.Actor) *Schema {
	return &Schema{
		Type: "Organization", ID: a.ID, URL: a.URL, Name: a.DisplayName(), AlternateName: a.Handle(),
		Description: markup.Name(markup.Text(a.Summary), maxDescription), Logo: a.IconURL,
	}
}

// maxDescription is how much of a text programs are shown, in characters.
const maxDescription = 500
