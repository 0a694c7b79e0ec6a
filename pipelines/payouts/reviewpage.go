package payouts

import (
	"bytes"
	_ "embed"
	"html/template"
)

//go:embed review.html
var reviewHTML string

// ReviewName is the page that approvers look at before they sign.
const ReviewName = "review.html"

// A reviewPage is what a draft comes to and what is out of the usual, on one page.
type reviewPage struct {
	Heading Heading
	Totals  []Total
	All     []Notice // about everybody
	People  []personNotices
	Reps    int
}

type personNotices struct {
	RepID   string
	Notices []Notice
}

// ReviewPage is one file without anything from elsewhere.
func (f Frozen) ReviewPage() ([]byte, error) {
	page, err := template.New("review").Parse(reviewHTML)
	if err != nil {
		return nil, err
	}
	r := reviewPage{Heading: f.Heading, Totals: Sums(f.Entries), Reps: len(f.reps())}
	for _, n := range f.Notices { // in the order of people
		switch last := len(r.People) - 1; {
		case n.RepID == "":
			r.All = append(r.All, n)
		case last >= 0 && r.People[last].RepID == n.RepID:
			r.People[last].Notices = append(r.People[last].Notices, n)
		default:
			r.People = append(r.People, personNotices{RepID: n.RepID, Notices: []Notice{n}})
		}
	}
	var b bytes.Buffer
	err = page.Execute(&b, r)
	return b.Bytes(), err
}
