package report

import (
	"regexp"
	"testing"
	"time"
)

func wordsOf(t *testing.T, locale string) Words {
	t.Helper()
	w, err := NewWords(locale, "EUR", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestNumbersAreWrittenAsTheCompanyReadsThem(t *testing.T) {
	at := time.Date(2026, 3, 31, 22, 5, 0, 0, time.UTC)
	for _, one := range []struct{ locale, money, rate, day string }{
		{"en-US", "−1,234,567.50", "12.3", "March 31, 2026"},
		{"en-GB", "−1,234,567.50", "12.3", "31 March 2026"},
		{"de-DE", "−1.234.567,50", "12,3", "31 March 2026"},
		{"fr-FR", "−1\u00a0234\u00a0567,50", "12,3", "31 March 2026"},
		{"de-CH", "−1’234’567.50", "12.3", "31 March 2026"},
	} {
		w := wordsOf(t, one.locale)
		if got := w.Digits("-1234567.50"); got != one.money {
			t.Errorf("%s writes %q, not %q", one.locale, got, one.money)
		}
		if got := w.Number(12.345, 1); got != one.rate {
			t.Errorf("%s writes %q, not %q", one.locale, got, one.rate)
		}
		if got := w.Day(at); got != one.day {
			t.Errorf("%s writes %q, not %q", one.locale, got, one.day)
		}
	}
}

func TestSmallThingsOfNumbers(t *testing.T) {
	w := wordsOf(t, "en-US")
	for got, want := range map[string]string{
		w.Digits("-0.00"):              "0.00",
		w.Digits("900001"):             "900,001",
		w.Signed(-0.001, 2):            "0.00",
		w.Signed(1.5, 1):               "+1.5",
		w.Signed(-1.5, 1):              "−1.5",
		w.Size(1240000):                "1.24m",
		w.Size(-39400):                 "−39k",
		w.Size(0):                      "0",
		w.Value("share", Maybe{}):      "no value",
		w.Value("share", known(.5454)): "54.5\u00a0%",
		Label("closed_won_arr"):        "Closed won ARR",
		w.count(1, "deal", "deals"):    "1 deal",
		w.count(1200, "deal", "deals"): "1,200 deals",
	} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	if _, err := NewWords("not a locale!", "EUR", time.UTC); err == nil {
		t.Error("a locale that is none is taken")
	}
}

func TestNamesOfFoldersAreSafeAndNeverTheSame(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"ann", "Ann", "ANN", "Sales East", "sales east", "Sales-East", "sales-east", "../etc", "..", ".", "a/b", "a\\b", "Ægir", "日本", "", "con", "x y", "X Y"} {
		got := slug(name)
		if got == "" || got == "." || got == ".." || plainName.FindString(got) == "" && !hashed.MatchString(got) {
			t.Errorf("%q becomes the folder %q", name, got)
		}
		if other, taken := seen[got]; taken {
			t.Errorf("%q and %q are both %q", name, other, got)
		}
		seen[got] = name
	}
}

var hashed = regexp.MustCompile(`^[a-z0-9_-]*~[0-9a-f]{8}$`)
