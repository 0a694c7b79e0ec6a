// Package models holds the SQL that derives every fact, metric and score.
package models

import "embed"

// Files are FOLDER/NAME.sql, with worked examples beside them in NAME_test.md.
//
//go:embed */*
var Files embed.FS
