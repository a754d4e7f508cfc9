// Package mediatest builds real pictures with words hidden wherever a file can
// hide them, for tests that must find none of them again.
package mediatest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"github.com/gen2brain/webp"
)

// The size of the pictures, in pixels.
const (
	Width  = 900
	Height = 675
)

// canvas is what the pictures show: a colour that changes from corner to corner,
// with as much blue as says which kind of file it is.
func canvas(blue uint8) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, Width, Height))
	for y := range Height {
		for x := range Width {
			img.SetNRGBA(x, y, color.NRGBA{uint8(x / 4), uint8(y / 3), blue, 255})
		}
	}
	return img
}

// JPEG gives a JPEG with marker in its EXIF (with GPS and a thumbnail), XMP,
// IPTC, the description of its ICC profile, and a comment. Each place has a
// word of its own after the marker.
func JPEG(marker string) []byte {
	var b bytes.Buffer
	must(jpeg.Encode(&b, canvas(120), nil))
	plain := b.Bytes()
	out := append([]byte{}, plain[:2]...)
	out = append(out, segment(0xe1, append([]byte("Exif\x00\x00"), EXIF(marker, 1)...))...)
	out = append(out, segment(0xe1, append([]byte("http://ns.adobe.com/xap/1.0/\x00"), xmp(marker)...))...)
	out = append(out, segment(0xe2, append([]byte("ICC_PROFILE\x00\x01\x01"), icc(marker)...))...)
	out = append(out, segment(0xed, iptc(marker))...)
	out = append(out, segment(0xfe, []byte(marker+"-comment"))...)
	return append(out, plain[2:]...)
}

// Oriented gives a JPEG whose EXIF asks for an orientation, 1 to 8.
func Oriented(img image.Image, orientation int) []byte {
	var b bytes.Buffer
	must(jpeg.Encode(&b, img, &jpeg.Options{Quality: 100}))
	out := append([]byte{}, b.Bytes()[:2]...)
	out = append(out, segment(0xe1, append([]byte("Exif\x00\x00"), EXIF("x", orientation)...))...)
	return append(out, b.Bytes()[2:]...)
}

// PNG gives a PNG with marker in its tEXt, iTXt, zTXt, eXIf and iCCP chunks.
func PNG(marker string) []byte {
	var b bytes.Buffer
	must(png.Encode(&b, canvas(60)))
	plain := b.Bytes()
	const header = 8 + 12 + 13 // signature and IHDR
	out := append([]byte{}, plain[:header]...)
	for _, c := range []struct {
		kind string
		data []byte
	}{
		{"iCCP", append([]byte("profile\x00\x00"), deflate(icc(marker))...)},
		{"tEXt", []byte("Comment\x00" + marker + "-tEXt")},
		{"iTXt", []byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00" + marker + "-iTXt")},
		{"zTXt", append([]byte("Author\x00\x00"), deflate([]byte(marker+"-zTXt"))...)},
		{"eXIf", EXIF(marker, 1)},
	} {
		out = append(out, chunk(c.kind, c.data)...)
	}
	return append(out, plain[header:]...)
}

// WebP gives a WebP with marker in its EXIF and XMP chunks.
func WebP(marker string) []byte {
	var b bytes.Buffer
	must(webp.Encode(&b, canvas(180), webp.Options{Lossless: true}))
	extended := make([]byte, 10)
	extended[0] = 0x08 | 0x04 // EXIF and XMP follow
	extended[4], extended[5] = (Width-1)&0xff, (Width-1)>>8
	extended[7], extended[8] = (Height-1)&0xff, (Height-1)>>8
	body := []byte("WEBP")
	body = append(body, riff("VP8X", extended)...)
	body = append(body, b.Bytes()[12:]...)
	body = append(body, riff("EXIF", EXIF(marker, 1))...)
	body = append(body, riff("XMP ", xmp(marker))...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// EXIF gives a TIFF with a description, an orientation, a place and a
// thumbnail, with marker in all but the orientation.
func EXIF(marker string, orientation int) []byte {
	var thumb bytes.Buffer
	must(jpeg.Encode(&thumb, image.NewGray(image.Rect(0, 0, 8, 8)), nil))
	small := append(append([]byte{0xff, 0xd8}, segment(0xfe, []byte(marker+"-thumbnail"))...), thumb.Bytes()[2:]...)
	description, place := []byte(marker+"-exif\x00"), []byte("ASCII\x00\x00\x00"+marker+"-gps")
	const head, entry = 8, 12
	first := head
	gps := first + 2 + 3*entry + 4
	second := gps + 2 + entry + 4
	data := second + 2 + 2*entry + 4
	b := binary.LittleEndian.AppendUint32([]byte("II*\x00"), uint32(first))
	field := func(tag, kind uint16, count, value int) {
		b = binary.LittleEndian.AppendUint16(b, tag)
		b = binary.LittleEndian.AppendUint16(b, kind)
		b = binary.LittleEndian.AppendUint32(b, uint32(count))
		b = binary.LittleEndian.AppendUint32(b, uint32(value))
	}
	b = binary.LittleEndian.AppendUint16(b, 3)
	field(0x010e, 2, len(description), data)
	field(0x0112, 3, 1, orientation)
	field(0x8825, 4, 1, gps)
	b = binary.LittleEndian.AppendUint32(b, uint32(second))
	b = binary.LittleEndian.AppendUint16(b, 1)
	field(0x001b, 7, len(place), data+len(description)) // GPSProcessingMethod
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = binary.LittleEndian.AppendUint16(b, 2)
	field(0x0201, 4, 1, data+len(description)+len(place))
	field(0x0202, 4, 1, len(small))
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = append(b, description...)
	return append(append(b, place...), small...)
}

func xmp(marker string) []byte {
	return []byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><creator>` + marker + `-xmp</creator></x:xmpmeta>`)
}

// iptc gives a Photoshop block with an IPTC caption.
func iptc(marker string) []byte {
	text := []byte(marker + "-iptc")
	record := append([]byte{0x1c, 2, 120, 0, byte(len(text))}, text...)
	b := []byte("Photoshop 3.0\x008BIM\x04\x04\x00\x00")
	return append(binary.BigEndian.AppendUint32(b, uint32(len(record))), record...)
}

// icc gives a colour profile with a description.
func icc(marker string) []byte {
	text := []byte(marker + "-icc\x00")
	b := make([]byte, 128)
	copy(b[36:], "acsp")
	b = binary.BigEndian.AppendUint32(b, 1)
	b = append(b, "desc"...)
	b = binary.BigEndian.AppendUint32(b, 144)
	b = binary.BigEndian.AppendUint32(b, uint32(12+len(text)))
	b = append(b, "desc\x00\x00\x00\x00"...)
	b = append(binary.BigEndian.AppendUint32(b, uint32(len(text))), text...)
	binary.BigEndian.PutUint32(b, uint32(len(b)))
	return b
}

func segment(marker byte, data []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(data)+2)), data...)
}

func chunk(kind string, data []byte) []byte {
	b := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), kind...)
	b = append(b, data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func riff(kind string, data []byte) []byte {
	b := append(binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(data))), data...)
	if len(data)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

func deflate(data []byte) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, err := w.Write(data)
	must(err)
	must(w.Close())
	return b.Bytes()
}

func must(err error) {
	if err != nil {
		panic(err) // the pictures are made of constants
	}
}
