package page

// PlacesPath answers which places may be meant while somebody writes, see
// component.Field.Suggest. SuggestScript is the module that asks it.
const (
	PlacesPath    = "/orte.json"
	SuggestScript = "js/suggest.js"
)

// ApplicationsPath is where who speaks for clubs sees to what people have applied.
const ApplicationsPath = "/ehrenamt/bewerbungen"
