package page

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
)

// The sizes of what a form may send, in bytes.
const (
	maxFormText = 1 << 20
	maxPicture  = 10<<20 + 1 // one more, so that too much is told from enough
	maxForm     = 64 << 20
)

// FileField is the field of a file of text; its content is the value.
const FileField = "file"

// formTime is how long a form may take to arrive: a picture over a slow phone.
const formTime = 5 * time.Minute

// An Input is what a form sent: its values and at most one picture.
type Input struct {
	url.Values
	// Image is nil when no picture was chosen.
	Image []byte
}

// Read reads a form. The fields that stand before a picture that is too large
// are there all the same, and the picture is cut, so that whoever stores it
// refuses it by its size. What holds a NUL or is not UTF-8 is
// no text that anybody typed.
func Read(w http.ResponseWriter, r *http.Request) (*Input, error) {
	in, err := read(w, r)
	if err != nil {
		return nil, err
	}
	for name, values := range in.Values {
		if slices.ContainsFunc(append(values, name), func(s string) bool { return !web.IsText(s) }) {
			return nil, problem.Invalidf("a field of the form is no text")
		}
	}
	return in, nil
}

func read(w http.ResponseWriter, r *http.Request) (*Input, error) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(formTime)) // some writers have none
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	in := &Input{Values: url.Values{}}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, problem.Invalidf("a form without a Content-Type: %w", err)
	}
	if kind != "multipart/form-data" {
		r.Body = http.MaxBytesReader(w, r.Body, maxFormText)
		if err := r.ParseForm(); err != nil {
			return nil, problem.Invalidf("read form: %w", err)
		}
		in.Values = r.PostForm
		return in, nil
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, problem.Invalidf("read form: %w", err)
	}
	left := maxFormText
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return in, nil
		}
		if err != nil {
			return nil, problem.Invalidf("read form: %w", err)
		}
		if err := in.add(part, &left); err != nil {
			return nil, err
		}
	}
}

func (in *Input) add(part *multipart.Part, left *int) error {
	if part.FileName() != "" && part.FormName() == FileField {
		body, err := io.ReadAll(io.LimitReader(part, int64(*left)+1))
		if err != nil {
			return problem.Invalidf("read file: %w", err)
		}
		if *left -= len(body); *left < 0 {
			return problem.Invalidf("the form has more than %d bytes of text", maxFormText)
		}
		in.Set(FileField, strings.ReplaceAll(strings.ToValidUTF8(string(body), "\ufffd"), "\x00", ""))
		return nil
	}
	if part.FileName() != "" {
		body, err := io.ReadAll(io.LimitReader(part, maxPicture))
		if err != nil {
			return problem.Invalidf("read picture: %w", err)
		}
		if len(body) > 0 && part.FormName() == "image" {
			in.Image = body
		}
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(part, int64(*left)+1))
	if err != nil {
		return problem.Invalidf("read field %s: %w", part.FormName(), err)
	}
	if *left -= len(body); *left < 0 {
		return problem.Invalidf("the form has more than %d bytes of text", maxFormText)
	}
	if part.FormName() != "image" { // an empty file field comes as a value
		in.Add(part.FormName(), string(body))
	}
	return nil
}

// Picture gives the picture as a reader, nil when there is none.
func (in *Input) Picture() io.Reader {
	if in.Image == nil {
		return nil
	}
	return bytes.NewReader(in.Image)
}

// Version reads the version that a form was made from; zero when it says none.
func (in *Input) Version() (time.Time, error) {
	s := in.Get("version")
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, problem.Invalidf("the version of the form: %w", fmt.Errorf("%q: %w", s, err))
	}
	return t, nil
}
