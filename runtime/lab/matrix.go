package lab

import (
	"context"
	"fmt"
	"slices"
)

// Matrix says, for each port, who reaches whom: Ports["TCP/80"][i][j] is the verdict from Pods[i] to Pods[j]. Pods are
// "namespace/name", sorted by namespace, then name. A pair is judged by family; the verdict is the common one, or Mixed, or
// None when the two share no family. A pod reaches itself.
type Matrix struct {
	Pods  []string               `json:"pods"`
	Ports map[string][][]Verdict `json:"ports"`
}

// MatrixRequest says what to probe pairwise.
type MatrixRequest struct {
	Ports      []Port
	Families   []int    // 4, 6; empty: both
	Pods       []string // "namespace/name"; empty: every pod with an address
	SourcePort uint16   // 0: any
}

// Matrix probes pods pairwise, after opening the ports on all of them. A probe whose verdict is Failed is an
// error: a matrix holds no guesses.
func (l *Lab) Matrix(ctx context.Context, req MatrixRequest) (*Matrix, error) {
	if err := l.Open(ctx, req.Ports); err != nil {
		return nil, err
	}
	plan := newMatrixPlan(l.spec, req)
	results, err := l.Probe(ctx, plan.probes)
	if err != nil {
		return nil, err
	}
	return plan.fold(results)
}

// matrixPlan is the probes of a matrix, and to which cell each belongs.
type matrixPlan struct {
	pods   []*Pod
	ports  []Port
	probes []ProbeRequest
	cells  []cell
}

type cell struct{ port, from, to int }

func newMatrixPlan(spec *Spec, req MatrixRequest) *matrixPlan {
	plan := &matrixPlan{ports: req.Ports}
	for _, p := range spec.sortedPods() {
		if len(req.Pods) == 0 || slices.Contains(req.Pods, p.String()) {
			plan.pods = append(plan.pods, p)
		}
	}
	for k, port := range req.Ports {
		for i, from := range plan.pods {
			for j, to := range plan.pods {
				if i != j {
					plan.add(cell{port: k, from: i, to: j}, from, to, port, req)
				}
			}
		}
	}
	return plan
}

// add plans a probe for each address of the destination whose family the source has too.
func (m *matrixPlan) add(at cell, from, to *Pod, port Port, req MatrixRequest) {
	for _, addr := range to.Addrs {
		version := 6
		if addr.Is4() {
			version = 4
		}
		wanted := len(req.Families) == 0 || slices.Contains(req.Families, version)
		if !wanted || len(addrsOf(from.Addrs, addr.Is4())) == 0 {
			continue
		}
		m.probes = append(m.probes, ProbeRequest{From: from.Where(), To: addr, Port: port, SourcePort: req.SourcePort})
		m.cells = append(m.cells, at)
	}
}

// fold makes the matrix of the probes' results.
func (m *matrixPlan) fold(results []ProbeResult) (*Matrix, error) {
	out := &Matrix{Pods: make([]string, len(m.pods)), Ports: make(map[string][][]Verdict, len(m.ports))}
	for i, p := range m.pods {
		out.Pods[i] = p.String()
	}
	for _, port := range m.ports {
		rows := make([][]Verdict, len(m.pods))
		for i := range rows {
			rows[i] = slices.Repeat([]Verdict{None}, len(m.pods))
			rows[i][i] = Allow
		}
		out.Ports[port.String()] = rows
	}
	for n, r := range results {
		at := m.cells[n]
		if r.Verdict == Failed {
			return nil, fmt.Errorf("probe %s from %s to %s (%s): %s",
				m.ports[at.port], m.pods[at.from], m.pods[at.to], m.probes[n].To, r.Detail)
		}
		v := &out.Ports[m.ports[at.port].String()][at.from][at.to]
		switch {
		case *v == None:
			*v = r.Verdict
		case *v != r.Verdict:
			*v = Mixed
		}
	}
	return out, nil
}
