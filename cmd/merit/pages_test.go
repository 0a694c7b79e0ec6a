package main

import (
	"encoding/csv"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/net/html"
)

// webPages holds a folder of pages against what is promised of them: every link
// leads somewhere, nothing is loaded from outside, no script runs, nothing under
// public/ leads inward, and what somebody is paid stands under people/ and finance/
// only. The second argument is a payout.csv.
func webPages(ts *testscript.TestScript, neg bool, args []string) {
	root := ts.MkAbs(args[0])
	pages := map[string]*webPage{}
	for name, text := range treeOf(ts, root) {
		if path.Ext(name) == ".html" || path.Ext(name) == ".svg" {
			pages[filepath.ToSlash(name)] = readPage(ts, name, text)
		}
	}
	if len(pages) < 10 {
		ts.Fatalf("%s holds %d pages only", args[0], len(pages))
	}
	var wrong []string
	for name, page := range pages {
		wrong = append(wrong, page.wrong...)
		for _, link := range page.links {
			target, fragment, _ := strings.Cut(link, "#")
			if strings.Contains(target, "://") {
				continue
			}
			to := path.Join(path.Dir(name), target)
			if target == "" {
				to = name
			}
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(to))); err != nil {
				wrong = append(wrong, name+" links to "+link+", which is not there")
			} else if fragment != "" && (pages[to] == nil || !slices.Contains(pages[to].ids, fragment)) {
				wrong = append(wrong, name+" links to "+link+", and nothing there has that id")
			}
			if strings.HasPrefix(name, "public/") && !strings.HasPrefix(to, "public/") {
				wrong = append(wrong, name+" leads inward, to "+to)
			}
		}
		if strings.HasPrefix(name, "people/") || strings.HasPrefix(name, "finance/") {
			continue
		}
		for _, amount := range paidAmounts(ts, ts.MkAbs(args[1])) {
			if strings.Contains(page.text, amount) {
				wrong = append(wrong, name+" shows a paid amount, "+amount)
			}
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		ts.Fatalf("%s", strings.Join(wrong[:min(len(wrong), 20)], "\n"))
	}
}

type webPage struct {
	links, ids, wrong []string
	text              string
}

var outside = regexp.MustCompile(`url\(|@import`)

func readPage(ts *testscript.TestScript, name, text string) *webPage {
	root, err := html.Parse(strings.NewReader(text))
	ts.Check(err)
	page := &webPage{}
	var words strings.Builder
	for n := range root.Descendants() {
		if n.Type == html.TextNode {
			words.WriteString(n.Data + " ")
		}
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script", "iframe", "img", "object", "embed", "base", "form":
			page.wrong = append(page.wrong, name+" has a "+n.Data)
		case "style":
			if n.FirstChild != nil && outside.MatchString(n.FirstChild.Data) {
				page.wrong = append(page.wrong, name+" loads by style")
			}
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "id":
				if slices.Contains(page.ids, a.Val) {
					page.wrong = append(page.wrong, name+" has the id "+a.Val+" twice")
				}
				page.ids = append(page.ids, a.Val)
			case a.Key == "href" && n.Data == "link" && strings.Contains(a.Val, "://"):
				page.wrong = append(page.wrong, name+" loads "+a.Val)
			case a.Key == "href":
				page.links = append(page.links, a.Val)
			case a.Key == "src", strings.HasPrefix(a.Key, "on"):
				page.wrong = append(page.wrong, name+" has "+a.Key+"="+a.Val)
			case a.Key == "style" && outside.MatchString(a.Val):
				page.wrong = append(page.wrong, name+" loads by style")
			}
		}
	}
	page.text = words.String()
	return page
}

// paidAmounts are the amounts of a payout as pages write them: 8,000.00.
func paidAmounts(ts *testscript.TestScript, file string) []string {
	f, err := os.Open(file)
	ts.Check(err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	ts.Check(err)
	at := slices.Index(rows[0], "amount")
	var amounts []string
	for _, row := range rows[1:] {
		whole, cents, _ := strings.Cut(row[at], ".")
		if len(whole) > 3 {
			whole = whole[:len(whole)-3] + "," + whole[len(whole)-3:]
		}
		if whole != "0" {
			amounts = append(amounts, whole+"."+cents)
		}
	}
	if len(amounts) == 0 {
		ts.Fatalf("%s pays nobody: there is nothing to look for", file)
	}
	return amounts
}
