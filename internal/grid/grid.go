// Package grid prints and reads who-reaches-whom matrices, as JSON and as text:
//
//	TCP/80       1 2
//	1 shop/api   . X
//	2 shop/web   . .
//
// Rows are sources and columns destinations, numbered alike; the signs are those of spec.md section 7.2. Printing is byte-stable;
// Parse reads what Text prints and what people write in that form: a line that begins with "#" is a comment, and columns need
// not be aligned.
package grid

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Grid has one table for each port, all over the same pods. Cells[port][i][j] is the word for Pods[i] to Pods[j].
type Grid struct {
	Pods  []string              `json:"pods"`
	Cells map[string][][]string `json:"ports"`
}

// Of makes a Grid of a matrix whose cells are words of any string type.
func Of[W ~string](pods []string, ports map[string][][]W) Grid {
	g := Grid{Pods: pods, Cells: make(map[string][][]string, len(ports))}
	for port, rows := range ports {
		words := make([][]string, len(rows))
		for i, row := range rows {
			for _, w := range row {
				words[i] = append(words[i], string(w))
			}
		}
		g.Cells[port] = words
	}
	return g
}

// symbol is how a word is shown.
type symbol struct{ sign, word string }

func symbols() [5]symbol {
	return [...]symbol{{".", "allow"}, {"X", "drop"}, {"R", "reject"}, {"#", "mixed"}, {"-", "none"}}
}

// Ports returns the ports in the order of ComparePorts.
func (g Grid) Ports() []string {
	ports := slices.Collect(maps.Keys(g.Cells))
	slices.SortFunc(ports, ComparePorts)
	return ports
}

// ComparePorts orders "TCP/80" and the like by the protocol's number, then the port's.
func ComparePorts(a, b string) int {
	protoA, numberA, _ := strings.Cut(a, "/")
	protoB, numberB, _ := strings.Cut(b, "/")
	x, _ := strconv.Atoi(numberA)
	y, _ := strconv.Atoi(numberB)
	protocols := []string{"ICMP", "TCP", "UDP", "SCTP"}
	return cmp.Or(cmp.Compare(slices.Index(protocols, protoA), slices.Index(protocols, protoB)), cmp.Compare(x, y), cmp.Compare(a, b))
}

// Text is View.WriteText into a string.
func (g Grid) Text(paint func(sign string) string) string {
	var b strings.Builder
	_ = g.View().WriteText(&b, paint) // a Builder never fails
	return b.String()
}

// View gives a Grid the form that is printed.
func (g Grid) View() View {
	ports := g.Ports()
	return View{g.Pods, ports, func(port, i, j int) string { return g.Cells[ports[port]][i][j] }}
}

// View is a matrix of any form: Cell gives the word of one cell, by the index of its port, source and destination. Large ones are
// printed without another copy.
type View struct {
	Pods, Ports []string
	Cell        func(port, i, j int) string
}

// Grid copies the matrix.
func (v View) Grid() Grid {
	g := Grid{Pods: v.Pods, Cells: make(map[string][][]string, len(v.Ports))}
	for k, port := range v.Ports {
		rows := make([][]string, len(v.Pods))
		for i := range rows {
			for j := range v.Pods {
				rows[i] = append(rows[i], v.Cell(k, i, j))
			}
		}
		g.Cells[port] = rows
	}
	return g
}

// WriteJSON prints {"pods": ["ns/name", ...], "ports": {"TCP/80": [["allow", ...], ...]}}, with a row of cells on each line.
func (v View) WriteJSON(w io.Writer) error {
	out := bufio.NewWriter(w)
	pods, err := json.Marshal(append([]string{}, v.Pods...)) // not null
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "{\n  \"pods\": %s,\n  \"ports\": {", pods)
	for k, port := range v.Ports {
		fmt.Fprintf(out, "%s\n    %q: [", comma(k), port)
		for i := range v.Pods {
			fmt.Fprintf(out, "%s\n      [", comma(i))
			for j := range v.Pods { // no Fprintf here: a cluster of 10,000 pods has 10^8 cells
				if j > 0 {
					out.WriteString(", ")
				}
				out.WriteByte('"')
				out.WriteString(v.Cell(k, i, j))
				out.WriteByte('"')
			}
			out.WriteByte(']')
		}
		out.WriteString("\n    ]")
	}
	out.WriteString("\n  }\n}\n")
	return out.Flush()
}

// comma stands before every entry of a list but the first.
func comma(i int) string { return [...]string{"", ","}[min(i, 1)] }

// WriteText prints a legend of the signs that occur, then the tables. paint, which may be nil, dresses up single signs.
func (v View) WriteText(w io.Writer, paint func(sign string) string) error {
	p := printer{bufio.NewWriter(w), v.Pods, v.Cell, paint, len(strconv.Itoa(len(v.Pods))), 0}
	if paint == nil {
		p.paint = func(sign string) string { return sign }
	}
	for i := range v.Pods {
		p.width = max(p.width, len(p.label(i)))
	}
	fmt.Fprintf(p.w, "# from row to column; %s\n", p.legend(len(v.Ports)))
	for k, port := range v.Ports {
		p.table(k, port)
	}
	return p.w.Flush()
}

// printer is what WriteText needs to know.
type printer struct {
	w      *bufio.Writer
	pods   []string
	cell   func(port, i, j int) string
	paint  func(sign string) string
	digits int // of the highest number
	width  int // of the longest label
}

func (p *printer) label(i int) string { return fmt.Sprintf("%*d %s", p.digits, i+1, p.pods[i]) }

func (p *printer) table(k int, port string) {
	width := max(p.width, len(port))
	fmt.Fprintf(p.w, "\n%-*s  ", width, port)
	for j := range p.pods {
		fmt.Fprintf(p.w, " %*d", p.digits, j+1)
	}
	p.w.WriteByte('\n')
	pad := strings.Repeat(" ", p.digits)
	for i := range p.pods {
		fmt.Fprintf(p.w, "%-*s  ", width, p.label(i))
		for j := range p.pods {
			p.w.WriteString(pad)
			p.w.WriteString(p.paint(signOf(p.cell(k, i, j))))
		}
		p.w.WriteByte('\n')
	}
}

// legend explains the signs that occur.
func (p *printer) legend(ports int) string {
	used := map[string]bool{}
	for k := range ports {
		for i := range p.pods {
			for j := range p.pods {
				used[p.cell(k, i, j)] = true
			}
		}
	}
	var parts []string
	for _, s := range symbols() {
		if used[s.word] {
			parts = append(parts, s.sign+" "+s.word)
		}
	}
	return strings.Join(parts, ", ")
}

func signOf(word string) string {
	for _, s := range symbols() {
		if s.word == word {
			return s.sign
		}
	}
	return "?"
}

func wordOf(sign string) (string, bool) {
	for _, s := range symbols() {
		if s.sign == sign {
			return s.word, true
		}
	}
	return "", false
}

// Parse reads the text form. Every table must be of another port, have the same pods in the same order, and as many columns as
// rows.
func Parse(text string) (Grid, error) {
	p := parser{grid: Grid{Cells: map[string][][]string{}}}
	for line := range strings.Lines(text) {
		p.number++
		if err := p.line(strings.Fields(line)); err != nil {
			return p.grid, err
		}
	}
	return p.grid, p.finish()
}

// parser reads tables line by line.
type parser struct {
	grid   Grid
	number int    // of the line
	port   string // of the table that is being read; "" before the first one
	pods   []string
}

func (p *parser) line(words []string) error {
	switch {
	case len(words) == 0 || strings.HasPrefix(words[0], "#"):
		return nil
	case strings.Contains(words[0], "/") || words[0] == "ICMP":
		if err := p.finish(); err != nil {
			return err
		}
		if _, twice := p.grid.Cells[words[0]]; twice {
			return fmt.Errorf("line %d: there is a table for %s already", p.number, words[0])
		}
		p.port, p.pods = words[0], nil
		p.grid.Cells[p.port] = nil
		return nil
	case p.port == "" || len(words) < 2:
		return fmt.Errorf("line %d: want a port and its columns, or a number, a pod and its cells", p.number)
	}
	row, err := parseRow(words[2:])
	if err != nil {
		return fmt.Errorf("line %d: %w", p.number, err)
	}
	p.pods = append(p.pods, words[1])
	p.grid.Cells[p.port] = append(p.grid.Cells[p.port], row)
	return nil
}

// finish checks the table that was read last.
func (p *parser) finish() error {
	switch {
	case p.port == "":
		return nil
	case len(p.grid.Cells) == 1:
		p.grid.Pods = p.pods
	case !slices.Equal(p.grid.Pods, p.pods):
		return fmt.Errorf("%s: the pods are not those of the first table", p.port)
	}
	return p.grid.checkShape(p.port)
}

func parseRow(signs []string) ([]string, error) {
	row := make([]string, len(signs))
	for i, sign := range signs {
		word, ok := wordOf(sign)
		if !ok {
			return nil, fmt.Errorf("%q is not a sign", sign)
		}
		row[i] = word
	}
	return row, nil
}

func (g Grid) checkShape(port string) error {
	for i, row := range g.Cells[port] {
		if len(row) != len(g.Pods) {
			return fmt.Errorf("%s: the row of %s has %d cells for %d pods", port, g.Pods[i], len(row), len(g.Pods))
		}
	}
	return nil
}

// Only returns the part of the grid that is about the given pods, in their order; unknown ones are left out.
func (g Grid) Only(pods []string) Grid {
	out := Grid{Cells: make(map[string][][]string, len(g.Cells))}
	var keep []int
	for _, pod := range pods {
		if i := slices.Index(g.Pods, pod); i >= 0 {
			out.Pods, keep = append(out.Pods, pod), append(keep, i)
		}
	}
	for port, rows := range g.Cells {
		part := make([][]string, len(keep))
		for i, from := range keep {
			for _, to := range keep {
				part[i] = append(part[i], rows[from][to])
			}
		}
		out.Cells[port] = part
	}
	return out
}

// Difference is a cell that two grids do not agree on.
type Difference struct {
	Port string `json:"port"`
	From string `json:"from"`
	To   string `json:"to"`
	Got  string `json:"got"`
	Want string `json:"want"`
}

// String gives "TCP/80 shop/web -> shop/db: got allow, want drop".
func (d Difference) String() string {
	return fmt.Sprintf("%s %s -> %s: got %s, want %s", d.Port, d.From, d.To, d.Got, d.Want)
}

// Compare lists the cells of want that g does not have or has otherwise, in order of port, source and destination. What g has
// beyond want does not count.
func (g Grid) Compare(want Grid) []Difference {
	at := make(map[string]int, len(g.Pods))
	for i, pod := range g.Pods {
		at[pod] = i
	}
	var out []Difference
	for _, port := range want.Ports() {
		for i, from := range want.Pods {
			for j, to := range want.Pods {
				got := g.cell(port, at, from, to)
				if w := want.Cells[port][i][j]; got != w {
					out = append(out, Difference{port, from, to, got, w})
				}
			}
		}
	}
	return out
}

func (g Grid) cell(port string, at map[string]int, from, to string) string {
	i, okFrom := at[from]
	j, okTo := at[to]
	if rows := g.Cells[port]; rows != nil && okFrom && okTo {
		return rows[i][j]
	}
	return "nothing"
}
