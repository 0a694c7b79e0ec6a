package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A target of the Makefile that shows in its ## text what it is for.
var target = regexp.MustCompile(`(?m)^([a-z-]+):(.*)## .`)

// What each target would do is looked at without doing it: its packages, tests,
// flags and files must be there. Most targets are too heavy to be run here.
func TestEveryTargetOfTheMakefileNamesWhatIsThere(t *testing.T) {
	for _, name := range targets(t) {
		out, err := exec.Command("make", "-n", "-C", "../..", "--no-print-directory", name).CombinedOutput()
		if err != nil {
			t.Errorf("make -n %s: %v: %s", name, err, out)
			continue
		}
		folder := "../.."
		for step := range strings.Lines(strings.ReplaceAll(string(out), "&&", "\n")) {
			words := shellWords(step)
			if len(words) == 0 {
				continue
			}
			switch {
			case words[0] == "cd":
				folder = filepath.Join(folder, words[1])
				words = []string{"./."}
			case slices.Contains(words, "go") && slices.Contains(words, "test"):
				checkGoTest(t, name, folder, words[slices.Index(words, "test")+1:])
			case len(words) > 1 && words[0] == "bin/merit":
				checkMerit(t, name, words[1:])
			}
			for _, word := range words {
				if _, path, isFlag := strings.Cut(word, "="); isFlag && strings.HasPrefix(word, "-") {
					word = path
				}
				if !ourPath.MatchString(word) {
					continue
				}
				if _, err := os.Stat(filepath.Join(folder, strings.TrimSuffix(word, "/..."))); err != nil {
					t.Errorf("make %s: %v", name, err)
				}
			}
			if words[0] != "./." {
				folder = "../.."
			}
		}
	}
}

// ourPath is a word that names a file or folder of the repository.
var ourPath = regexp.MustCompile(`^(\./|\.ci/|connectors/|transform/|pipelines/|models/|cmd/).`)

// shellWords are the words of a plain command, without quotes.
func shellWords(command string) []string {
	var words []string
	for _, w := range regexp.MustCompile(`'[^']*'|"[^"]*"|[^\s;]+`).FindAllString(command, -1) {
		words = append(words, strings.Trim(w, `'"`))
	}
	return words
}

// ofGoTest are the flags of go test that the Makefile uses, and whether a value follows.
var ofGoTest = map[string]bool{
	"-timeout": true, "-run": true, "-bench": true, "-benchtime": true, "-count=1": false, "-v": false, "-race": false, "-short": false, "-json": false,
}

func checkGoTest(t *testing.T, name, folder string, words []string) {
	t.Helper()
	var packages, patterns, own []string
	for i := 0; i < len(words); i++ {
		word := words[i]
		hasValue, known := ofGoTest[word]
		switch {
		case strings.HasPrefix(word, "./"):
			packages = append(packages, word)
		case word == "-args":
		case word == "-run" || word == "-bench":
			patterns = append(patterns, word[1:]+" "+words[i+1])
			i++
		case hasValue:
			i++
		case strings.HasPrefix(word, "-") && !known:
			own = append(own, word)
		}
	}
	if len(packages) == 0 {
		t.Errorf("make %s tests no package", name)
	}
	for _, p := range packages {
		tests := testFiles(t, folder, p)
		if len(tests) == 0 {
			t.Errorf("make %s: %s has no test", name, p)
		}
		for _, flag := range own {
			if !regexp.MustCompile(`flag\.\w+\("` + flag[1:] + `"`).Match(tests) {
				t.Errorf("make %s: the tests of %s have no flag %s", name, p, flag)
			}
		}
	}
	for _, pattern := range patterns {
		kind, pattern, _ := strings.Cut(pattern, " ")
		for alternative := range strings.SplitSeq(pattern, "|") {
			if alternative == "^$" {
				continue // none
			}
			prefix := map[string]string{"run": "(?:Test|Fuzz)", "bench": "Benchmark"}[kind]
			if !slices.ContainsFunc(packages, func(p string) bool {
				return regexp.MustCompile(`(?m)^func ` + prefix + `\w*` + alternative).Match(testFiles(t, folder, p))
			}) {
				t.Errorf("make %s: -%s %s matches nothing in %v", name, kind, alternative, packages)
			}
		}
	}
}

// testFiles are the texts of all tests of the packages that a pattern names.
func testFiles(t *testing.T, folder, pattern string) []byte {
	t.Helper()
	root, all := strings.CutSuffix(pattern, "/...")
	var text []byte
	err := filepath.WalkDir(filepath.Join(folder, root), func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && !all && filepath.Base(path) != filepath.Base(root) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		one, err := os.ReadFile(path)
		text = append(text, one...)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return text
}

// checkMerit looks a command and its flags up in its manual, which is generated.
func checkMerit(t *testing.T, name string, words []string) {
	t.Helper()
	manual, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(manual), "\n## merit "+words[0])
	if !found {
		t.Errorf("make %s: there is no command merit %s", name, words[0])
	}
	section, _, _ = strings.Cut(section, "\n## ")
	for _, word := range words[1:] {
		if strings.HasPrefix(word, "--") && !strings.Contains(section, word) {
			t.Errorf("make %s: merit %s has no flag %s", name, words[0], word)
		}
	}
}

// A target that nothing runs is one that breaks without anybody noticing.
func TestEveryTargetOfTheMakefileIsRunByAScriptOrAWorkflow(t *testing.T) {
	var scripts []byte
	for _, pattern := range []string{"../../.ci/*", "../../.github/workflows/*.yml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			if text, err := os.ReadFile(path); err == nil { // a folder is none
				scripts = append(scripts, text...)
			}
		}
	}
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range target.FindAllStringSubmatch(string(makefile), -1) {
		scripts = append(scripts, "\nmake "+strings.TrimSpace(found[2])+"\n"...) // what it builds first is run, too
	}
	for _, name := range targets(t) {
		if !regexp.MustCompile(`\bmake ([a-z-]+ )*` + name + `(\s|$)`).Match(scripts) {
			t.Errorf("neither .ci nor a workflow of .github runs make %s: where it is run belongs in .github/workflows/heavy.yml if it is too heavy for make test", name)
		}
	}
}

func targets(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, found := range target.FindAllStringSubmatch(string(text), -1) {
		names = append(names, found[1])
	}
	if len(names) == 0 {
		t.Error("the Makefile has no target with a ## text")
	}
	return names
}
