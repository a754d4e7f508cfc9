package media

import "testing"

// FuzzOrientation: which way a picture is up is one of eight, whatever its
// metadata says.
func FuzzOrientation(f *testing.F) {
	const little, big = "II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00", "MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x08\x00\x00\x00\x00\x00\x00"
	for _, exif := range []string{little, big, "II*\x00\xff\xff\xff\xff", "MM\x00*\x00\x00\x00\x08\xff\xff", ""} {
		f.Add([]byte(exif))
		f.Add([]byte("\xff\xd8\xff\xe1\x00" + string(rune(8+len(exif))) + "Exif\x00\x00" + exif + "\xff\xd9"))
		f.Add([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00" + string(rune(len(exif))) + "eXIf" + exif + "\x00\x00\x00\x00"))
		f.Add([]byte("RIFF\x00\x00\x00\x00WEBPEXIF" + string(rune(len(exif))) + "\x00\x00\x00" + exif))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, read := range []func([]byte) int{jpegOrientation, pngOrientation, webpOrientation, exifOrientation} {
			if o := read(b); o < 0 || o > 8 {
				t.Errorf("%d", o)
			}
		}
	})
}
