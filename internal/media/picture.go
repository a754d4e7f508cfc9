package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/bbrks/go-blurhash"
	"golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"codeberg.org/aushang/aushang/internal/problem"
)

// The limits of a picture that is handed in.
const (
	MaxBytes  = 10 << 20
	maxPixels = 25_000_000
	maxSide   = 10_000
	maxAlt    = 1500
)

const (
	// masterSide is the longest side of what is kept, in pixels.
	masterSide = 1600
	// quality is that of a JPEG.
	quality = 85
	// hashSide is the longest side of what a blurhash is made from.
	hashSide = 64
)

// decoding lets one picture be decoded at a time: a large one takes 100 MB.
var decoding = make(chan struct{}, 1)

// Picture is a decoded, upright picture. Make one with Decode.
type Picture struct {
	img    *image.NRGBA
	opaque bool
}

// Rendition is an encoded picture.
type Rendition struct {
	Bytes []byte
	// MediaType is image/jpeg or image/png.
	MediaType string
	// Width and Height are in pixels.
	Width, Height int
}

// FocalPoint says what to keep when a picture is cropped: X from -1 (left) to
// 1, Y from -1 (bottom) to 1. The zero FocalPoint is the middle.
type FocalPoint struct{ X, Y float64 }

// Validate gives a problem on the field "focus" unless the point is in the
// picture.
func (p FocalPoint) Validate() error {
	var errs problem.Fields
	if math.IsNaN(p.X) || math.IsNaN(p.Y) || math.Abs(p.X) > 1 || math.Abs(p.Y) > 1 {
		errs.Add("focus", "The focal point lies outside of the picture; both numbers are from -1 to 1.")
	}
	return errs.Err()
}

// ValidateAlt gives a problem on the field "alt" when an alternative text is
// too long.
func ValidateAlt(s string) error {
	var errs problem.Fields
	if n := utf8.RuneCountInString(strings.TrimSpace(s)); n > maxAlt {
		errs.Add("alt", "The description has %d characters, %d are possible; please shorten it.", n, maxAlt)
	}
	return errs.Err()
}

func refuse(sentence string, args ...any) error {
	var errs problem.Fields
	errs.Add("image", sentence, args...)
	return errs.Err()
}

// format is a kind of file that is taken.
type format struct {
	config      func(io.Reader) (image.Config, error)
	decode      func(io.Reader) (image.Image, error)
	orientation func([]byte) int
}

// sniff tells the kind of a file by its bytes; its name counts for nothing.
func sniff(b []byte) (format, bool) {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return format{jpeg.DecodeConfig, jpeg.Decode, jpegOrientation}, true
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return format{png.DecodeConfig, png.Decode, pngOrientation}, true
	case len(b) > 12 && bytes.Equal(b[:4], []byte("RIFF")) && bytes.Equal(b[8:12], []byte("WEBP")):
		return format{webp.DecodeConfig, webp.Decode, webpOrientation}, true
	}
	return format{}, false
}

// Decode reads a picture: JPEG, PNG or WebP. What is wrong with it is a problem
// on the field "image".
func Decode(ctx context.Context, r io.Reader) (*Picture, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read picture: %w", err)
	}
	if len(b) > MaxBytes {
		return nil, refuse("The picture is larger than 10 MB; please scale it down.")
	}
	f, ok := sniff(b)
	if !ok {
		return nil, refuse("This is no picture that can be shown; please use JPEG, PNG or WebP.")
	}
	config, err := f.config(bytes.NewReader(b))
	if err != nil {
		return nil, refuse("The picture cannot be read; it may be damaged or animated. Please save it again as JPEG or PNG.")
	}
	if w, h := config.Width, config.Height; w < 1 || h < 1 || w > maxSide || h > maxSide || w*h > maxPixels {
		return nil, refuse("The picture has %d by %d pixels; at most 25 megapixels and 10,000 on a side are possible. Please scale it down.", w, h)
	}
	select {
	case decoding <- struct{}{}:
		defer func() { <-decoding }()
	case <-ctx.Done():
		return nil, fmt.Errorf("decode picture: %w", ctx.Err())
	}
	img, err := safely(f.decode, b)
	if err != nil {
		return nil, refuse("The picture cannot be read; it may be damaged. Please save it again as JPEG or PNG.")
	}
	return upright(img, f.orientation(b)), nil
}

// safely decodes; a decoder that panics on a crafted file must not take the
// server down.
func safely(decode func(io.Reader) (image.Image, error), b []byte) (img image.Image, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the decoder failed")
		}
	}()
	return decode(bytes.NewReader(b))
}

// upright scales a picture to what is kept and turns it as orientation says.
func upright(img image.Image, orientation int) *Picture {
	w, h := fit(img.Bounds().Dx(), img.Bounds().Dy(), masterSide)
	small := scale(img, w, h)
	turned := turn(small, orientation)
	return &Picture{img: turned, opaque: turned.Opaque()}
}

// fit gives the size with the longest side at most side.
func fit(w, h, side int) (int, int) {
	longest := max(w, h)
	if longest <= side {
		return w, h
	}
	return max(1, w*side/longest), max(1, h*side/longest)
}

func scale(img image.Image, w, h int) *image.NRGBA {
	dst := image.NewNRGBA(image.Rect(0, 0, w, h))
	if img.Bounds().Dx() == w && img.Bounds().Dy() == h {
		draw.Draw(dst, dst.Bounds(), img, img.Bounds().Min, draw.Src)
		return dst
	}
	draw.CatmullRom.Scale(dst, dst.Bounds(), img, img.Bounds(), draw.Src, nil)
	return dst
}

// turn applies an EXIF orientation, 1 to 8 (Exif 2.32, 4.6.4 A).
func turn(src *image.NRGBA, orientation int) *image.NRGBA {
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	at := map[int]func(x, y int) (int, int){
		2: func(x, y int) (int, int) { return w - 1 - x, y },
		3: func(x, y int) (int, int) { return w - 1 - x, h - 1 - y },
		4: func(x, y int) (int, int) { return x, h - 1 - y },
		5: func(x, y int) (int, int) { return y, x },
		6: func(x, y int) (int, int) { return y, h - 1 - x },
		7: func(x, y int) (int, int) { return w - 1 - y, h - 1 - x },
		8: func(x, y int) (int, int) { return w - 1 - y, x },
	}[orientation]
	if at == nil {
		return src
	}
	dw, dh := w, h
	if orientation >= 5 {
		dw, dh = h, w
	}
	dst := image.NewNRGBA(image.Rect(0, 0, dw, dh))
	for y := range dh {
		for x := range dw {
			sx, sy := at(x, y)
			copy(dst.Pix[dst.PixOffset(x, y):][:4], src.Pix[src.PixOffset(sx, sy):][:4])
		}
	}
	return dst
}

// Master gives the picture as it is kept, its longest side at most 1600 pixels.
func (p *Picture) Master() (Rendition, error) { return p.encode(p.img) }

// Variant gives a copy of this width in pixels; false when the picture is not
// wider.
func (p *Picture) Variant(width int) (Rendition, bool, error) {
	w, h := p.img.Bounds().Dx(), p.img.Bounds().Dy()
	if width < 1 || w <= width {
		return Rendition{}, false, nil
	}
	r, err := p.encode(scale(p.img, width, max(1, h*width/w)))
	return r, true, err
}

// Within gives a copy with the longest side at most side pixels.
func (p *Picture) Within(side int) (Rendition, error) {
	w, h := fit(p.img.Bounds().Dx(), p.img.Bounds().Dy(), side)
	return p.encode(scale(p.img, w, h))
}

func (p *Picture) encode(img *image.NRGBA) (Rendition, error) {
	r := Rendition{Width: img.Bounds().Dx(), Height: img.Bounds().Dy(), MediaType: "image/jpeg"}
	var b bytes.Buffer
	err := error(nil)
	if p.opaque {
		err = jpeg.Encode(&b, img, &jpeg.Options{Quality: quality})
	} else {
		r.MediaType = "image/png"
		err = png.Encode(&b, img)
	}
	if err != nil {
		return Rendition{}, fmt.Errorf("encode picture: %w", err)
	}
	r.Bytes = b.Bytes()
	return r, nil
}

// Blurhash gives a few letters that stand for the picture while it loads
// (blurha.sh; 4 by 3 components).
func (p *Picture) Blurhash() (string, error) {
	w, h := fit(p.img.Bounds().Dx(), p.img.Bounds().Dy(), hashSide)
	hash, err := blurhash.Encode(4, 3, scale(p.img, w, h))
	if err != nil {
		return "", fmt.Errorf("make blurhash: %w", err)
	}
	return hash, nil
}
