package town

import "slices"

// LandsAsOf is the year in which the table of the Länder was looked through
// last. Bodies move and acts change, so a form shows it beside each suggestion.
const LandsAsOf = 2025

// A Land is one of the sixteen, with the bodies and acts that a town's legal
// pages name. They are suggestions: what the town enters counts before them.
type Land struct {
	// Code is that of ISO 3166-2:DE, "BB".
	Code, Name string
	// Authority supervises data protection at public bodies, as lines.
	Authority []string
	// PrivacyAct and AccessAct are the acts on data protection and on accessible
	// information technology.
	PrivacyAct, AccessAct string
	// Enforcement settles disputes about accessibility, as lines. Monitoring looks
	// at samples of websites; "" where no source says for sure who it is now: the
	// form asks the town to enter it.
	Enforcement []string
	Monitoring  string
}

// Lands are the sixteen, by name.
var Lands = []Land{
	{
		"BW", "Baden-Württemberg",
		[]string{"Landesbeauftragter für den Datenschutz und die Informationsfreiheit Baden-Württemberg", "Postfach 10 29 32, 70025 Stuttgart", "poststelle@lfdi.bwl.de", "https://www.baden-wuerttemberg.datenschutz.de"},
		"Landesdatenschutzgesetz (LDSG)", "Landes-Behindertengleichstellungsgesetz (L-BGG) und L-BGG-Durchführungsverordnung",
		[]string{"Schlichtungsstelle bei der oder dem Beauftragten der Landesregierung für die Belange von Menschen mit Behinderungen", "Else-Josenhans-Straße 6, 70173 Stuttgart", "poststelle@bfbmb.bwl.de"},
		"Überwachungsstelle für mediale Barrierefreiheit bei der Deutschen Rentenversicherung Baden-Württemberg",
	},
	{
		"BY", "Bayern",
		[]string{"Bayerischer Landesbeauftragter für den Datenschutz", "Postfach 22 12 19, 80502 München", "poststelle@datenschutz-bayern.de", "https://www.datenschutz-bayern.de"},
		"Bayerisches Datenschutzgesetz (BayDSG)", "Bayerisches Digitalgesetz (BayDiG) und Bayerische Digitalverordnung (BayDiV)",
		[]string{"Landesamt für Digitalisierung, Breitband und Vermessung", "Durchsetzungs- und Überwachungsstelle für barrierefreie Informationstechnik", "St.-Martin-Straße 47, 81541 München", "bitv@bayern.de"},
		"Landesamt für Digitalisierung, Breitband und Vermessung",
	},
	{
		"BE", "Berlin",
		[]string{"Berliner Beauftragte für Datenschutz und Informationsfreiheit", "Alt-Moabit 59–61, 10555 Berlin", "mailbox@datenschutz-berlin.de", "https://www.datenschutz-berlin.de"},
		"Berliner Datenschutzgesetz (BlnDSG)", "Barrierefreie-IKT-Gesetz Berlin (BIKTG Bln)",
		[]string{"Landesbeauftragte oder Landesbeauftragter für digitale Barrierefreiheit", "Senatskanzlei Berlin", "https://www.berlin.de/lb/digitale-barrierefreiheit/"},
		"",
	},
	{
		"BB", "Brandenburg",
		[]string{"Landesbeauftragte für den Datenschutz und für das Recht auf Akteneinsicht Brandenburg", "Stahnsdorfer Damm 77, 14532 Kleinmachnow", "poststelle@lda.brandenburg.de", "https://www.lda.brandenburg.de"},
		"Brandenburgisches Datenschutzgesetz (BbgDSG)", "Brandenburgisches Behindertengleichstellungsgesetz (BbgBGG) und Brandenburgische Barrierefreie Informationstechnik-Verordnung (BbgBITV)",
		[]string{"Durchsetzungsstelle für digitale Barrierefreiheit bei der oder dem Beauftragten der Landesregierung für die Belange der Menschen mit Behinderungen", "Henning-von-Tresckow-Straße 2–13, 14467 Potsdam", "durchsetzung.BIT@msgiv.brandenburg.de"},
		"Landesamt für Soziales und Versorgung des Landes Brandenburg",
	},
	{
		"HB", "Bremen",
		[]string{"Landesbeauftragte für Datenschutz und Informationsfreiheit der Freien Hansestadt Bremen", "Arndtstraße 1, 27570 Bremerhaven", "office@datenschutz.bremen.de", "https://www.datenschutz.bremen.de"},
		"Bremisches Ausführungsgesetz zur Datenschutz-Grundverordnung (BremDSGVOAG)", "Bremisches Behindertengleichstellungsgesetz (BremBGG)",
		[]string{"Zentralstelle für barrierefreie Informationstechnik beim Landesbehindertenbeauftragten", "Teerhof 59, 28199 Bremen", "office@lbb.bremen.de"},
		"Zentralstelle für barrierefreie Informationstechnik",
	},
	{
		"HH", "Hamburg",
		[]string{"Hamburgischer Beauftragter für Datenschutz und Informationsfreiheit", "Ludwig-Erhard-Straße 22, 20459 Hamburg", "mailbox@datenschutz.hamburg.de", "https://datenschutz-hamburg.de"},
		"Hamburgisches Datenschutzgesetz (HmbDSG)", "Hamburgisches Behindertengleichstellungsgesetz (HmbBGG) und Hamburgische Barrierefreie Informationstechnik-Verordnung (HmbBITVO)",
		[]string{"Schlichtungsstelle nach dem Hamburgischen Behindertengleichstellungsgesetz", "Freie und Hansestadt Hamburg"},
		"Überwachungsstelle für Barrierefreiheit von Informationstechnik bei der Senatskanzlei Hamburg",
	},
	{
		"HE", "Hessen",
		[]string{"Hessischer Beauftragter für Datenschutz und Informationsfreiheit", "Postfach 31 63, 65021 Wiesbaden", "poststelle@datenschutz.hessen.de", "https://datenschutz.hessen.de"},
		"Hessisches Datenschutz- und Informationsfreiheitsgesetz (HDSIG)", "Hessisches Behinderten-Gleichstellungsgesetz (HessBGG) und Hessische Verordnung über barrierefreie Informationstechnik (BITV HE 2019)",
		[]string{"Durchsetzungs- und Überwachungsstelle Barrierefreie Informationstechnik", "Regierungspräsidium Gießen, Landgraf-Philipp-Platz 1–7, 35390 Gießen", "https://lbit.hessen.de"},
		"Durchsetzungs- und Überwachungsstelle Barrierefreie Informationstechnik beim Regierungspräsidium Gießen",
	},
	{
		"MV", "Mecklenburg-Vorpommern",
		[]string{"Landesbeauftragter für Datenschutz und Informationsfreiheit Mecklenburg-Vorpommern", "Werderstraße 74a, 19055 Schwerin", "info@datenschutz-mv.de", "https://www.datenschutz-mv.de"},
		"Landesdatenschutzgesetz (DSG M-V)", "Landesbehindertengleichstellungsgesetz (LBGG M-V)",
		[]string{"Überwachungsstelle für barrierefreie Informationstechnik", "Sozialministerium Mecklenburg-Vorpommern, 19048 Schwerin"},
		"Sozialministerium Mecklenburg-Vorpommern",
	},
	{
		"NI", "Niedersachsen",
		[]string{"Landesbeauftragter für den Datenschutz Niedersachsen", "Prinzenstraße 5, 30159 Hannover", "poststelle@lfd.niedersachsen.de", "https://www.lfd.niedersachsen.de"},
		"Niedersächsisches Datenschutzgesetz (NDSG)", "Niedersächsisches Behindertengleichstellungsgesetz (NBGG)",
		[]string{"Schlichtungsstelle nach § 9d NBGG bei der oder dem Landesbeauftragten für Menschen mit Behinderungen", "Hannah-Arendt-Platz 2, 30159 Hannover"},
		"Niedersächsisches Sozialministerium",
	},
	{
		"NW", "Nordrhein-Westfalen",
		[]string{"Landesbeauftragte für Datenschutz und Informationsfreiheit Nordrhein-Westfalen", "Kavalleriestraße 2–4, 40213 Düsseldorf", "poststelle@ldi.nrw.de", "https://www.ldi.nrw.de"},
		"Datenschutzgesetz Nordrhein-Westfalen (DSG NRW)", "Behindertengleichstellungsgesetz Nordrhein-Westfalen (BGG NRW) und Barrierefreie-Informationstechnik-Verordnung (BITVNRW)",
		[]string{"Ombudsstelle für barrierefreie Informationstechnik des Landes Nordrhein-Westfalen", "Fürstenwall 25, 40219 Düsseldorf", "ombudsstelle-barrierefreie-it@mags.nrw.de"},
		"Überwachungsstelle für barrierefreie Informationstechnik beim Ministerium für Arbeit, Gesundheit und Soziales",
	},
	{
		"RP", "Rheinland-Pfalz",
		[]string{"Landesbeauftragter für den Datenschutz und die Informationsfreiheit Rheinland-Pfalz", "Hintere Bleiche 34, 55116 Mainz", "poststelle@datenschutz.rlp.de", "https://www.datenschutz.rlp.de"},
		"Landesdatenschutzgesetz (LDSG)", "Landesinklusionsgesetz (LInklG)",
		[]string{"Durchsetzungsstelle beim Ministerium für Arbeit, Soziales, Transformation und Digitalisierung", "Bauhofstraße 9, 55116 Mainz", "durchsetzungsstelle@mastd.rlp.de"},
		"",
	},
	{
		"SL", "Saarland",
		[]string{"Unabhängiges Datenschutzzentrum Saarland", "Fritz-Dobisch-Straße 12, 66111 Saarbrücken", "poststelle@datenschutz.saarland.de", "https://www.datenschutz.saarland.de"},
		"Saarländisches Datenschutzgesetz (SDSG)", "Saarländisches Behindertengleichstellungsgesetz (SBGG)",
		[]string{"Schlichtungsstelle bei der oder dem Landesbeauftragten für die Belange von Menschen mit Behinderungen", "Saarbrücken"},
		"",
	},
	{
		"SN", "Sachsen",
		[]string{"Sächsische Datenschutz- und Transparenzbeauftragte", "Postfach 11 01 32, 01330 Dresden", "post@sdtb.sachsen.de", "https://www.datenschutz.sachsen.de"},
		"Sächsisches Datenschutzdurchführungsgesetz (SächsDSDG)", "Barrierefreie-Websites-Gesetz (BfWebG)",
		[]string{"Durchsetzungsstelle bei der oder dem Beauftragten der Sächsischen Staatsregierung für die Belange von Menschen mit Behinderungen", "Sächsische Staatskanzlei, 01095 Dresden"},
		"Überwachungsstelle beim Deutschen Zentrum für barrierefreies Lesen (dzb lesen), Leipzig",
	},
	{
		"ST", "Sachsen-Anhalt",
		[]string{"Landesbeauftragte für den Datenschutz Sachsen-Anhalt", "Postfach 19 47, 39009 Magdeburg", "poststelle@lfd.sachsen-anhalt.de", "https://datenschutz.sachsen-anhalt.de"},
		"Datenschutz-Grundverordnungs-Ausfüllungsgesetz Sachsen-Anhalt (DSAG LSA)", "Behindertengleichstellungsgesetz Sachsen-Anhalt (BGG LSA)",
		[]string{"Ombudsstelle des Landes Sachsen-Anhalt", "Landesfachstelle für Barrierefreiheit bei der Unfallkasse Sachsen-Anhalt", "Käsperstraße 31, 39261 Zerbst/Anhalt"},
		"Landesfachstelle für Barrierefreiheit bei der Unfallkasse Sachsen-Anhalt",
	},
	{
		"SH", "Schleswig-Holstein",
		[]string{"Unabhängiges Landeszentrum für Datenschutz Schleswig-Holstein", "Holstenstraße 98, 24103 Kiel", "mail@datenschutzzentrum.de", "https://www.datenschutzzentrum.de"},
		"Landesdatenschutzgesetz (LDSG)", "Landesbehindertengleichstellungsgesetz (LBGG)",
		[]string{"Beschwerdestelle für barrierefreie Informationstechnik bei der oder dem Landesbeauftragten für Menschen mit Behinderungen", "Karolinenweg 1, 24105 Kiel", "bbit@landtag.ltsh.de"},
		"",
	},
	{
		"TH", "Thüringen",
		[]string{"Thüringer Landesbeauftragter für den Datenschutz und die Informationsfreiheit", "Häßlerstraße 8, 99096 Erfurt", "poststelle@datenschutz.thueringen.de", "https://www.tlfdi.de"},
		"Thüringer Datenschutzgesetz (ThürDSG)", "Thüringer Gesetz über den barrierefreien Zugang zu Websites und mobilen Anwendungen öffentlicher Stellen (ThürBarrWebG)",
		[]string{"Durchsetzungsstelle bei der oder dem Landesbeauftragten für Menschen mit Behinderungen", "Häßlerstraße 8, 99096 Erfurt"},
		"",
	},
}

// land gives the Land with this code; one without anything when there is none.
func land(code string) Land {
	if i := slices.IndexFunc(Lands, func(l Land) bool { return l.Code == code }); i >= 0 {
		return Lands[i]
	}
	return Land{}
}
