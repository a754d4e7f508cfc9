// Package media takes pictures, makes them anew without anything that was
// hidden in them, and keeps them as files named by their content.
//
// A picture is checked before it is decoded (10 MB, 25 megapixels), turned
// upright, scaled, and encoded again as JPEG, or PNG where it is transparent.
// Nothing else of the file is kept: no EXIF, GPS, XMP, IPTC, colour profile or
// thumbnail. An animated WebP is refused; of an animated PNG the first picture
// is taken.
//
// It must not know what pictures belong to.
package media
