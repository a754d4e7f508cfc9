package media

import (
	"bytes"
	"encoding/binary"
)

// maxEntries is how many entries of an EXIF directory are looked at.
const maxEntries = 512

// upRight is the orientation of a picture that says nothing.
const upRight = 1

// jpegOrientation reads the orientation from the EXIF of a JPEG.
func jpegOrientation(b []byte) int {
	for i := 2; i+4 <= len(b) && b[i] == 0xff; {
		marker, size := b[i+1], int(binary.BigEndian.Uint16(b[i+2:]))
		if marker == 0xda || size < 2 || i+2+size > len(b) { // the picture itself begins
			break
		}
		if part := b[i+4 : i+2+size]; marker == 0xe1 && bytes.HasPrefix(part, []byte("Exif\x00\x00")) {
			return exifOrientation(part[6:])
		}
		i += 2 + size
	}
	return upRight
}

// pngOrientation reads the orientation from the eXIf chunk of a PNG.
func pngOrientation(b []byte) int {
	for i := 8; i+12 <= len(b); {
		size := int(binary.BigEndian.Uint32(b[i:]))
		if size < 0 || size > len(b)-i-12 {
			break
		}
		if string(b[i+4:i+8]) == "eXIf" {
			return exifOrientation(b[i+8 : i+8+size])
		}
		i += 12 + size
	}
	return upRight
}

// webpOrientation reads the orientation from the EXIF chunk of a WebP.
func webpOrientation(b []byte) int {
	for i := 12; i+8 <= len(b); {
		size := int(binary.LittleEndian.Uint32(b[i+4:]))
		if size < 0 || size > len(b)-i-8 {
			break
		}
		if string(b[i:i+4]) == "EXIF" {
			return exifOrientation(bytes.TrimPrefix(b[i+8:i+8+size], []byte("Exif\x00\x00")))
		}
		i += 8 + size + size&1
	}
	return upRight
}

// exifOrientation reads the tag 0x0112 from the first directory of a TIFF.
func exifOrientation(b []byte) int {
	if len(b) < 8 {
		return upRight
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(b[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := int(order.Uint32(b[4:]))
	if at < 8 || at+2 > len(b) {
		return upRight
	}
	n := min(int(order.Uint16(b[at:])), maxEntries)
	for i := range n {
		entry := at + 2 + 12*i
		if entry+12 > len(b) {
			break
		}
		if order.Uint16(b[entry:]) == 0x0112 {
			if o := int(order.Uint16(b[entry+8:])); o >= 1 && o <= 8 {
				return o
			}
			break
		}
	}
	return upRight
}
