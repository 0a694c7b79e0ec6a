//go:build !unix

package main

func ownFiles() {} // a folder's access list decides there
