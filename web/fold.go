package web

import (
	"fmt"
	"html/template"
	"text/template/parse"

	"codeberg.org/aushang/aushang/web/locale"
)

// fold writes the words of a language into templates where {{t "key"}} asks for
// them with nothing else: a page asks a hundred times, and each call by
// reflection takes longer than all the text that it gives. Words stand in text
// and in quoted attributes only, where html/template would escape them just so;
// an address or a script must not be made of them.
func fold(t *template.Template, words *locale.Catalogue, lang string) error {
	for _, one := range t.Templates() {
		if one.Tree == nil {
			continue
		}
		if err := foldList(one.Tree.Root, words, lang); err != nil {
			return fmt.Errorf("template %s: %w", one.Name(), err)
		}
	}
	return nil
}

// foldList does it for the nodes of a list and all below them. Text that
// follows on text becomes one with it.
func foldList(list *parse.ListNode, words *locale.Catalogue, lang string) error {
	if list == nil {
		return nil
	}
	nodes := list.Nodes[:0]
	for _, node := range list.Nodes {
		if key := asked(node); key != "" && !words.Has(lang, key+quiet) {
			said, err := words.Message(lang, key, nil)
			if err != nil {
				return err
			}
			node = &parse.TextNode{NodeType: parse.NodeText, Pos: node.Position(), Text: []byte(template.HTMLEscapeString(said))}
		}
		for _, below := range branches(node) {
			if err := foldList(below, words, lang); err != nil {
				return err
			}
		}
		text, isText := node.(*parse.TextNode)
		if last, follows := lastText(nodes); isText && follows {
			last.Text = append(last.Text[:len(last.Text):len(last.Text)], text.Text...)
			continue
		}
		nodes = append(nodes, node)
	}
	list.Nodes = nodes
	return nil
}

func lastText(nodes []parse.Node) (*parse.TextNode, bool) {
	if len(nodes) == 0 {
		return nil, false
	}
	text, ok := nodes[len(nodes)-1].(*parse.TextNode)
	return text, ok
}

// asked gives the key of a node that is {{t "key"}}, "" for every other.
func asked(node parse.Node) string {
	action, ok := node.(*parse.ActionNode)
	if !ok || len(action.Pipe.Decl) > 0 || len(action.Pipe.Cmds) != 1 || len(action.Pipe.Cmds[0].Args) != 2 {
		return ""
	}
	function, isFunction := action.Pipe.Cmds[0].Args[0].(*parse.IdentifierNode)
	key, isString := action.Pipe.Cmds[0].Args[1].(*parse.StringNode)
	if !isFunction || !isString || function.Ident != "t" {
		return ""
	}
	return key.Text
}

// branches gives the lists below a node.
func branches(node parse.Node) []*parse.ListNode {
	switch n := node.(type) {
	case *parse.IfNode:
		return []*parse.ListNode{n.List, n.ElseList}
	case *parse.WithNode:
		return []*parse.ListNode{n.List, n.ElseList}
	case *parse.RangeNode:
		return []*parse.ListNode{n.List, n.ElseList}
	}
	return nil
}
