// Package recount computes a period's money a second time: days from the roster,
// values from the evidence, attainments, scores, tiers and amounts from the plan,
// and the payroll files from the lines, all in exact fractions and in the plainest way there is.
//
// It is for auditors and tests. It was written from pipelines/plan/README.md,
// pipelines/payouts/README.md and the comments of the starter plan, and shares no
// code with the packages that made the files; keep it so, since two that were
// copied from each other agree about their mistakes. Slow is fine.
package recount

import (
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"sort"
)

// Check recomputes a folder of a period, draft or locked, and returns a sentence
// for each difference from what the folder says. None means that both agree.
func Check(folder string) ([]string, error) {
	f, err := open(folder)
	if err != nil {
		return nil, err
	}
	c := &check{frozen: f}
	people := f.people()
	c.compareDays(people)
	for _, p := range people {
		c.measure(p, f.evidence, f.heading.Period)
	}
	c.score(people)
	c.compareScores(people)
	c.compareMeasures(people)
	c.pay(people)
	c.pools(people)
	if err := c.adjustments(folder); err != nil {
		return nil, err
	}
	if err := c.recovery(folder); err != nil {
		return nil, err
	}
	c.nothingElse(people)
	if err := c.statements(folder); err != nil {
		return nil, err
	}
	if err := c.table(folder); err != nil {
		return nil, err
	}
	if err := c.payroll(folder); err != nil {
		return nil, err
	}
	return c.differences, nil
}

// Projects recomputes every draft and every locked period below a project's folder
// of payouts, and returns how many there were.
func Projects(payouts string) (int, []string, error) {
	var all []string
	folders, err := filepath.Glob(filepath.Join(payouts, "*", "*", "lines.jsonl"))
	if err != nil {
		return 0, nil, err
	}
	sort.Strings(folders)
	for _, file := range folders {
		differences, err := Check(filepath.Dir(file))
		if err != nil {
			return 0, nil, err
		}
		for _, d := range differences {
			all = append(all, filepath.Dir(file)+": "+d)
		}
	}
	return len(folders), all, nil
}

type check struct {
	*frozen
	differences []string
	explained   map[string]bool // lines that were computed here
}

func (c *check) differs(format string, args ...any) {
	c.differences = append(c.differences, fmt.Sprintf(format, args...))
}

// same holds a number here against the text that the folder has, to so many decimals.
func (c *check) same(what string, here *big.Rat, text string, decimals int) {
	if here == nil && text == "" {
		return
	}
	if here == nil || text == "" {
		c.differs("%s is %q, computed again %s", what, text, show(here, decimals))
		return
	}
	there := number(text)
	if there == nil {
		c.differs("%s is %q, which is no number", what, text)
		return
	}
	if round(here, decimals).Cmp(round(there, decimals)) != 0 {
		c.differs("%s is %s, computed again %s", what, text, show(here, decimals))
	}
}

func show(n *big.Rat, decimals int) string {
	if n == nil {
		return "nothing"
	}
	return round(n, decimals).FloatString(decimals)
}

// round is half away from zero.
func round(n *big.Rat, decimals int) *big.Rat {
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil))
	scaled := new(big.Rat).Mul(n, scale)
	half := big.NewRat(1, 2)
	if scaled.Sign() < 0 {
		half.Neg(half)
	}
	scaled.Add(scaled, half)
	whole := new(big.Int).Quo(scaled.Num(), scaled.Denom()) // towards zero
	return new(big.Rat).Quo(new(big.Rat).SetInt(whole), scale)
}

// exponents are ISO 4217's currencies that have not two decimals.
var exponents = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0, "UYI": 0, "VND": 0,
	"VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0, "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3, "CLF": 4, "UYW": 4,
}

func exponent(currency string) int {
	if n, ok := exponents[currency]; ok {
		return n
	}
	return 2
}

func times(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }
func plus(a, b *big.Rat) *big.Rat  { return new(big.Rat).Add(a, b) }
func minus(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }
func over(a, b *big.Rat) *big.Rat  { return new(big.Rat).Quo(a, b) }
func whole(n int) *big.Rat         { return new(big.Rat).SetInt64(int64(n)) }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
