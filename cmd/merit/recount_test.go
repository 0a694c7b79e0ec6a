package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"merit/pipelines/payouts/recount"
	"merit/pipelines/project"
)

// meritRecounted is the command of all scripts: as its user types it, and after each
// draft and each lock every amount that lies in the project is computed a second
// time by somebody else's code. A script whose amounts differ fails there.
func meritRecounted() {
	code := start()
	if code == 0 && len(os.Args) > 2 && os.Args[1] == "payout" && slices.Contains([]string{"draft", "lock"}, os.Args[2]) {
		code = recounted(projectOf(os.Args))
	}
	os.Exit(code)
}

func recounted(folder string) int {
	p, err := project.Open(folder)
	if err != nil {
		fmt.Fprintln(os.Stderr, "recount:", err)
		return 70
	}
	n, differences, err := recount.Projects(p.Path(p.Settings.Files.Payouts))
	if err != nil || n == 0 {
		fmt.Fprintf(os.Stderr, "recount: %d folders: %v\n", n, err)
		return 70
	}
	for _, difference := range differences {
		fmt.Fprintln(os.Stderr, "recount:", difference)
	}
	if len(differences) > 0 {
		return 71
	}
	return 0
}

// projectOf is what --project says.
func projectOf(args []string) string {
	for i, arg := range args {
		if arg == "--project" && i+1 < len(args) {
			return args[i+1]
		}
		if after, ok := strings.CutPrefix(arg, "--project="); ok {
			return after
		}
	}
	return filepath.Clean(".")
}
