package page

import "strings"

// The browsers and systems that a device is called after: a word of the
// User-Agent (RFC 9110 10.1.5) and the name. The first that fits counts, because
// most call themselves like others too.
var (
	browsers = [][2]string{
		{"Edg", "Edge"},
		{"OPR/", "Opera"},
		{"SamsungBrowser", "Samsung Internet"},
		{"Firefox", "Firefox"},
		{"FxiOS", "Firefox"},
		{"CriOS", "Chrome"},
		{"Chrome", "Chrome"},
		{"Safari", "Safari"},
	}
	systems = [][2]string{
		{"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Mac OS X", "Mac"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	}
)

// device gives a rough name of the device that sends this User-Agent, like
// "Firefox, Windows"; "" for none that is known. Nothing else of it is kept.
func device(agent string) string {
	var names []string
	for _, list := range [][][2]string{browsers, systems} {
		for _, known := range list {
			if strings.Contains(agent, known[0]) {
				names = append(names, known[1])
				break
			}
		}
	}
	return strings.Join(names, ", ")
}
