package plan

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"merit/connectors/fault"
)

// Whatever stands in the file, it is a plan or its author's mistake, named by
// file; and a plan can be hashed and compared.
func FuzzAPlanIsTakenOrItsAuthorIsTold(f *testing.F) {
	for _, seed := range []string{good, paid, "", "versions:", "versions: [", "versions: [{}]", "\t", "a: &a [*a]", "versions:\n  - *x", "? [a]\n: b", "versions: !!binary aaa"} {
		f.Add(seed)
	}
	f.Fuzz(takenOrTold)
}

func takenOrTold(t *testing.T, text string) {
	p, err := Parse("plan.yml", []byte(text), known)
	if err != nil {
		if fault.WhoMends(err) != fault.You || !strings.HasPrefix(err.Error(), "plan.yml") {
			t.Fatalf("%q: %v", text, err)
		}
		return
	}
	for _, v := range p.Versions {
		if changes := Changes(v, v); len(changes) > 0 || len(v.Hash()) != 64 {
			t.Fatalf("%q differs from itself: %v", text, changes)
		}
	}
}

func TestTwoThousandDamagedPlansAreTakenOrTheirAuthorIsTold(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const marks = "{}[]:-&*!|>'\"\n\t #,?%@`0"
	for range 2_000 {
		text := []byte([]string{good, paid}[random.IntN(2)])
		for range 1 + random.IntN(4) {
			at := random.IntN(len(text))
			switch random.IntN(4) {
			case 0:
				text[at] = byte(random.IntN(256))
			case 1:
				text = slices.Delete(text, at, at+1)
			case 2:
				text[at] = marks[random.IntN(len(marks))]
			case 3: // a stretch stands there twice
				text = slices.Insert(text, at, slices.Clone(text[at:at+random.IntN(len(text)-at)])...)
			}
		}
		takenOrTold(t, string(text))
	}
}

// A list that people keep by hand is read, or they are told the line.
func FuzzHandkept(f *testing.F) {
	for _, seed := range []string{"rep_id,role\nann,ae\n", "\ufeffrep_id,role\r\n\"a\nb\",ae\r\n", "# about\nrep_id\n", "", "rep_id,rep_id\n", "x\n", "rep_id,role\nann\n", "rep_id;role\nann;ae\n", "rep_id\n\"", "\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := parseInputCSV("roster.csv", text, []string{"rep_id"}, []string{"role"}); err != nil && (fault.WhoMends(err) != fault.You || !strings.HasPrefix(err.Error(), "roster.csv")) {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
