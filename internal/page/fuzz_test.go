package page

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
)

// FuzzRead: whatever a browser sends as a form, it is one or refused as none.
func FuzzRead(f *testing.F) {
	f.Add("application/x-www-form-urlencoded", "name=TSV&text=a%0d%0ab")
	f.Add("application/x-www-form-urlencoded; charset=x", "a=%zz&;&=")
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nTSV\r\n--x\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n\x89PNG\r\n--x--\r\n")
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"image\"; filename=\"../../x\x00\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=zz")
	f.Add("application/x-www-form-urlencoded", "name=a%00b&%ff=x")
	f.Add("multipart/form-data", "--")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, kind, body string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header["Content-Type"] = []string{kind}
		in, err := Read(httptest.NewRecorder(), r)
		if err != nil {
			if problem.KindOf(err) != problem.Invalid {
				t.Error(err)
			}
			return
		}
		for name, values := range in.Values {
			if !web.IsText(name + strings.Join(values, "")) {
				t.Errorf("%q holds %q", name, values)
			}
		}
		_, _ = in.Key()
		if _, err := in.Version(); err != nil && problem.KindOf(err) != problem.Invalid {
			t.Error(err)
		}
		_ = in.PictureChange()
	})
}

// FuzzFocus: a point that is none is outside of the picture.
func FuzzFocus(f *testing.F) {
	for _, s := range []string{"0,0", "-1,1", "0.5,-0.25", "2,0", "NaN,0", "Inf,-Inf", "1e400,0", "0", ",", "0,0,0", "ä"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if p := focus(s); p.Validate() == nil && !(p.X >= -1 && p.X <= 1 && p.Y >= -1 && p.Y <= 1) {
			t.Errorf("%q is %v", s, p)
		}
		if p := (&Input{Values: url.Values{"focus": {s}}}).PictureChange(); p.New != nil {
			t.Errorf("%q makes a picture", s)
		}
	})
}
