package page

import (
	"net/url"
	"strings"
)

// CopyScript is the module that lets a button copy what stands beside it.
const CopyScript = "js/copy.js"

// Share is how the page of a thing is passed on: by copying its address, by
// mail, by people of other servers, on paper ("page/share").
type Share struct {
	// URL is the full address of the page, Title what it is about.
	URL, Title string
	// Follow leads to the page from where people of other servers share the
	// thing, or "".
	Follow string
	// Poster leads to the thing as a sheet to print, or "".
	Poster string
}

// Mail gives the address that opens a mail with the page in it (RFC 6068).
func (s Share) Mail() string {
	return "mailto:?subject=" + mailText(s.Title) + "&body=" + mailText(s.Title+"\r\n"+s.URL+"\r\n")
}

// mailText writes text into a mailto address, where "+" is no blank.
func mailText(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// QR is the path of a picture of the address that telephones read, or "" for
// an address that has none.
func (s Share) QR() string {
	u, err := url.Parse(s.URL)
	if err != nil || !codable.MatchString(u.Path) {
		return ""
	}
	return QRPath + u.Path + ".svg"
}
