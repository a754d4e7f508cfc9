package gazetteer

// lands are the names of the Länder by their two letters.
var lands = map[string]string{
	"BW": "Baden-Württemberg", "BY": "Bayern", "BE": "Berlin", "BB": "Brandenburg", "HB": "Bremen", "HH": "Hamburg", "HE": "Hessen", "MV": "Mecklenburg-Vorpommern",
	"NI": "Niedersachsen", "NW": "Nordrhein-Westfalen", "RP": "Rheinland-Pfalz", "SL": "Saarland", "SN": "Sachsen", "ST": "Sachsen-Anhalt", "SH": "Schleswig-Holstein", "TH": "Thüringen",
}

// landOf are their two letters by the codes of GeoNames.
var landOf = map[string]string{
	"01": "BW", "02": "BY", "03": "HB", "04": "HH", "05": "HE", "06": "NI", "07": "NW", "08": "RP", "09": "SL", "10": "SH", "11": "BB", "12": "MV", "13": "SN", "14": "ST", "15": "TH", "16": "BE",
}

// landBy gives the two letters of a Land by its letters or its name, "" for what
// is none.
func landBy(s string) string {
	if lands[s] != "" {
		return s
	}
	fold := Fold(s)
	for code, name := range lands {
		if Fold(name) == fold || Fold(code) == fold {
			return code
		}
	}
	return ""
}
