// Package lsp is a language server for headgate's policy language: it tells editors, in the Language Server Protocol 3.17, what is wrong with a
// program, what its names stand for, and what may come next.
//
// The files of the opened folder, and those below it, are one set of objects, as manifest reads them; what an editor has open counts
// instead of what is on disk. Messages are handled one after the other, in the order in which they come, so that every answer is about the
// text that the editor had when it asked.
//
// server.go has the life of a connection, workspace.go the texts, position.go the places; each request has a file of its own.
//
// Guarantees: nothing that a client sends ends the server but exit and the end of the connection; places are in UTF-16 code units; files are
// read, never written; equal texts give equal answers.
package lsp
