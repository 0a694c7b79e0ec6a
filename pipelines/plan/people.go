package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/mtibben/confusables"
	"golang.org/x/text/unicode/norm"

	"merit/connectors/fault"
)

// A CRMUser is a user as a source has it.
type CRMUser struct{ Source, ID, Email string }

// A claim says that a roster row takes a user's records for its rep.
type claim struct {
	rep    Rep
	column string // of the roster: email, crm_users
	key    UserKey
}

func (c claim) String() string {
	return fmt.Sprintf("%s (%s, line %d)", c.rep.Name, c.rep.ID, c.rep.Line)
}

// checkPeople refuses a roster on which one CRM user stands for two reps, and ids
// that a reader or a file system can't tell apart: all records would go to one of
// the two, and nobody would see why the other gets nothing.
func checkPeople(roster []Rep) error {
	if err := checkIDs(roster); err != nil {
		return err
	}
	var claims []claim
	for _, rep := range roster {
		for _, key := range rep.Users {
			c := claim{rep: rep, column: "crm_users", key: key}
			if key.Source == "" {
				c.column = "email"
			}
			for _, earlier := range claims {
				if earlier.rep.ID != rep.ID && earlier.key.isOne(key) {
					return sharedUser(earlier, c, key.Key)
				}
			}
			claims = append(claims, c)
		}
	}
	return nil
}

// isOne tells whether two keys name one user at some source.
func (k UserKey) isOne(other UserKey) bool {
	return k.Key == other.Key && (k.Source == "" || other.Source == "" || k.Source == other.Source)
}

func sharedUser(a, b claim, user string) error {
	place := fmt.Sprintf("roster.csv:%d: %s: %s is claimed by %s and by %s", b.rep.Line, b.column, user, a, b)
	if overlap(a.rep, b.rep) {
		return fault.Errorf(fault.You, "%s: one CRM user at one time is one rep; give each row its own user, or give both rows one rep_id if they are one person", place)
	}
	return fault.Errorf(fault.You, "%s, one after the other: a CRM user's records all go to one rep, those of earlier quarters too; give the successor a user of their own, or give both rows one rep_id if they are one person", place)
}

// SharedUsers refuses two reps who claim one user of the CRM by different keys: one
// by the id, the other by the e-mail.
func SharedUsers(roster []Rep, users []CRMUser) error {
	byKey := map[string][]claim{}
	for _, rep := range roster {
		for _, key := range rep.Users {
			c := claim{rep: rep, column: "crm_users", key: key}
			if key.Source == "" {
				c.column = "email"
			}
			byKey[key.Key] = append(byKey[key.Key], c)
		}
	}
	for _, user := range users {
		var first *claim
		for _, key := range []string{user.ID, strings.ToLower(user.Email)} {
			for _, c := range byKey[key] {
				switch {
				case key == "" || c.key.Source != "" && c.key.Source != user.Source:
				case first == nil:
					first = &c
				case first.rep.ID != c.rep.ID:
					return sharedUser(*first, c, fmt.Sprintf("user %s of %s (e-mail %s)", user.ID, user.Source, user.Email))
				}
			}
		}
	}
	return nil
}

// checkIDs refuses ids that differ in case only, in letters that look alike, or in
// characters that nobody sees.
func checkIDs(roster []Rep) error {
	byLook := map[string][]Rep{}
	for _, rep := range roster {
		for _, r := range rep.ID {
			if !unicode.IsGraphic(r) {
				return fault.Errorf(fault.You, "roster.csv:%d: rep_id: %q holds a character that nobody sees (%U); write the id without it", rep.Line, rep.ID, r)
			}
		}
		look := look(rep.ID)
		for _, other := range byLook[look] {
			isOther := !isASCII(rep.ID+other.ID) || folded(rep.ID) == folded(other.ID) // rep1 and repl are named, not refused
			if other.ID != rep.ID && isOther {
				return fault.Errorf(fault.You, "roster.csv:%d: rep_id: %q (%s) and %q (%s, line %d) can't be told apart: they differ in case or in letters that look alike; use one id for one person, and clearly different ids for two",
					rep.Line, rep.ID, rep.Name, other.ID, other.Name, other.Line)
			}
		}
		byLook[look] = append(byLook[look], rep)
	}
	return nil
}

// look is the same for two texts that a reader takes for one.
func look(text string) string { return confusables.Skeleton(folded(text)) }

// folded is a text as people tell it from others: without case, width and marks of
// direction.
func folded(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFKC.String(text))
	return strings.Join(strings.Fields(strings.ToLower(text)), " ")
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII })
}

// LookAlikes names what a person should look at before anybody is paid: two reps
// with one name, names and ids that look alike, letters of two alphabets in one
// word. None of it is forbidden: two people can have one name.
func LookAlikes(roster []Rep) []string {
	var found []string
	say := func(rep Rep, format string, args ...any) {
		found = append(found, fmt.Sprintf("roster.csv:%d: ", rep.Line)+fmt.Sprintf(format, args...))
	}
	names, ids, emails := map[string]Rep{}, map[string]Rep{}, map[string]Rep{}
	seen := func(by map[string]Rep, text string, rep Rep) (Rep, bool) {
		other, there := by[look(text)]
		if !there {
			by[look(text)] = rep
		}
		return other, there && other.ID != rep.ID && text != ""
	}
	for _, rep := range roster {
		if word := mixedWord(rep.Name); word != "" {
			say(rep, "the name of %s has letters of two alphabets in %q", rep.ID, word)
		}
		if other, there := seen(names, rep.Name, rep); there {
			say(rep, "%s is called %q, and %s in line %d %q: two people, or one?", rep.ID, rep.Name, other.ID, other.Line, other.Name)
		}
		if other, there := seen(ids, rep.ID, rep); there {
			say(rep, "the ids %s (%s) and %s (%s, line %d) look alike", rep.ID, rep.Name, other.ID, other.Name, other.Line)
		}
		if other, there := seen(emails, rep.Email, rep); there {
			say(rep, "the e-mails of %s (%s) and %s (%s, line %d) look alike", rep.ID, rep.Email, other.ID, other.Email, other.Line)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// mixedWord is the first word with Latin letters beside Greek or Cyrillic ones.
func mixedWord(text string) string {
	for _, word := range strings.Fields(text) {
		has := func(script *unicode.RangeTable) bool {
			return strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(script, r) })
		}
		if has(unicode.Latin) && (has(unicode.Cyrillic) || has(unicode.Greek)) {
			return word
		}
	}
	return ""
}

// Unmatched names the roster's rows of which no key is a user of any source: their
// records can't be found. Rows that ended before the given day are not looked at.
func Unmatched(roster []Rep, users []CRMUser, since time.Time) []string {
	known := map[string][]string{}
	for _, u := range users {
		for _, key := range []string{u.ID, strings.ToLower(u.Email)} {
			known[key] = append(known[key], u.Source)
		}
	}
	var found []string
	for _, rep := range roster {
		if rep.ValidTo != nil && rep.ValidTo.Before(since) {
			continue
		}
		if !slices.ContainsFunc(rep.Users, func(k UserKey) bool {
			return k.Source == "" && len(known[k.Key]) > 0 || slices.Contains(known[k.Key], k.Source)
		}) {
			found = append(found, fmt.Sprintf("roster.csv:%d: %s (%s) is no user of any source by e-mail or crm_users: no record can count for this rep", rep.Line, rep.Name, rep.ID))
		}
	}
	return found
}
