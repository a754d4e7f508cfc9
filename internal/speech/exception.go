package speech

// exceptions are phrases that say something else when groups are meant too:
// where a rule would make a sentence that nobody says.
var exceptions = [][2]string{
	{"„Verein“", "„Verein“"}, // the word is meant
	{"Ein Verein ist eine Gruppe von Menschen.", "Ein Verein ist eine Gruppe von Menschen."},
	{"Termine der Vereine und Kalender", "Termine der Gruppen und Vereine, Kalender"},
	{"Antworten zeigen und Vereinen folgen", "Antworten zeigen, Gruppen und Vereinen folgen"},
	{"Sie gehören dem Verein und denen, die ihm geschrieben haben.", "Sie gehören ihm und denen, die ihm geschrieben haben."},
	{"Im Namen eines der beiden Vereine spricht", "Im Namen von einem der beiden spricht"},
	{"bei einem Verein eines anderen Ortes auch der Server dieses Ortes", "an einem anderen Ort auch dessen Server"},
	{"einem Ihrer Vereine", "Ihren Gruppen und Vereinen"},
	{"einem Deiner Vereine", "Deinen Gruppen und Vereinen"},
}
