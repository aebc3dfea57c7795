package main

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// The parts of a SARIF 2.1.0 log that are used (OASIS Static Analysis Results Interchange Format, sections 3.13 to 3.49). A
// library would write out its empty fields; reviewers read these files.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID            string       `json:"id"`
		Short         sarifText    `json:"shortDescription"`
		Help          sarifText    `json:"help"`
		Configuration sarifDefault `json:"defaultConfiguration"`
	}
	sarifDefault struct {
		Level string `json:"level"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations,omitempty"`
		Related      []sarifLocation   `json:"relatedLocations,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
		Message  *sarifText     `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int32 `json:"startLine"`
		StartColumn int32 `json:"startColumn,omitempty"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
)

const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// writeSARIF prints findings as a SARIF log with one run. Its rules are those of the codes that occur.
func writeSARIF(w io.Writer, findings []diag.Finding) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "headgate", Version: version, Rules: []sarifRule{}}}, Results: []sarifResult{}}
	index := map[diag.Code]int{}
	for _, row := range diag.Codes() {
		if !slices.ContainsFunc(findings, func(f diag.Finding) bool { return f.Code == row.Code }) {
			continue
		}
		index[row.Code] = len(run.Tool.Driver.Rules)
		help := row.Title
		if row.Hint != "" {
			help += ". Way out: " + row.Hint
		}
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{string(row.Code), sarifText{row.Title}, sarifText{help},
			sarifDefault{row.Severity.String()}}) // notes, warnings and errors are SARIF's levels too
	}
	for _, f := range findings {
		run.Results = append(run.Results, sarifOf(f, index[f.Code]))
	}
	return writeStructured(w, sarifLog{sarifSchema, "2.1.0", []sarifRun{run}}, "json")
}

func sarifOf(f diag.Finding, rule int) sarifResult {
	text := f.Message + "."
	if f.Witness != nil {
		text += " Witness: headgate eval " + f.Witness.Args() + ": " + f.Witness.Shows + "."
	}
	if f.Hint != "" {
		text += " Way out: " + f.Hint + "."
	}
	out := sarifResult{RuleID: string(f.Code), RuleIndex: rule, Level: f.Severity.String(), Message: sarifText{text}}
	if at := sarifAt(f.Origin); at != nil {
		out.Locations = []sarifLocation{*at}
	}
	for _, r := range f.Related {
		if at := sarifAt(r.Origin); at != nil {
			at.Message = &sarifText{r.Origin.Label() + ": " + r.Message}
			out.Related = append(out.Related, *at)
		}
	}
	// What a finding is, wherever its lines move to.
	sum := sha256.Sum256([]byte(string(f.Code) + "\n" + f.Origin.Label() + "\n" + f.Message))
	out.Fingerprints = map[string]string{"headgate/v1": hex.EncodeToString(sum[:16])}
	return out
}

// sarifAt gives a place, nil for nowhere.
func sarifAt(o source.Origin) *sarifLocation {
	if o.Pos.File == "" && o.Label() == "" {
		return nil
	}
	out := &sarifLocation{}
	if o.Pos.File != "" {
		out.Physical = &sarifPhysical{Artifact: sarifArtifact{fileURI(o.Pos.File)}}
		if o.Pos.IsValid() {
			out.Physical.Region = &sarifRegion{o.Pos.Line, o.Pos.Col}
		}
	}
	if label := o.Label(); label != "" {
		out.Logical = []sarifLogical{{label}}
	}
	return out
}

// fileURI gives a path as a URI: relative if the path is.
func fileURI(path string) string {
	u := url.URL{Path: strings.TrimPrefix(filepath.ToSlash(path), "./")}
	if strings.HasPrefix(u.Path, "/") {
		u.Scheme = "file"
	}
	return u.String()
}
