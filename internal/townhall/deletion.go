package townhall

import (
	"net/http"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web/component"
)

// deletionsPath is the room with what was deleted.
const deletionsPath = "/rathaus/loeschungen"

func (s *Surface) deleted() *page.Deletions {
	return &page.Deletions{Guard: s.Guard, Activities: s.Activities, Actors: s.Actors, Path: deletionsPath}
}

type deletionsView struct {
	Hall page.Hall
	List page.DeletionList
}

func (s *Surface) deletions(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	var view deletionsView
	var err error
	if view.Hall, err = s.frame(r, deletionsPath, "townhall.deletions"); err != nil {
		return err
	}
	view.Hall.Lede = s.Web.T(s.Web.Language(r), "townhall.deletions.text")
	view.List, err = s.deleted().List(r, component.Empty{
		Key: "townhall.deletions.none", TextKey: "townhall.deletions.none.text", Href: "/rathaus", ActionKey: "townhall.back",
	})
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, "deletions", view.Hall.Heading, view)
}

type deletionView struct {
	Hall page.Hall
	One  page.Deletion
}

func (s *Surface) deletion(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	var view deletionView
	var err error
	if view.One, err = s.deleted().One(r); err != nil {
		return err
	}
	if view.Hall, err = s.Frame(r, deletionsPath, view.One.Title, false); err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, "deletion", view.One.Title, view)
}

func (s *Surface) tellAgain(w http.ResponseWriter, r *http.Request, who *page.Person, _ *page.Input) error {
	return s.deleted().TellAgain(w, r, who)
}
