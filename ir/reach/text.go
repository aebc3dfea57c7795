package reach

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// legend explains the letters of the textual form.
const legend = "Rows are sources, columns are destinations. . allow  X drop  R reject  # mixed  - none\n"

// letter is the word's cell in the textual form.
func (w Word) letter() byte { return ".XR#-?"[w] }

// Print writes a table of letters for each port: pods are numbered, a row has the pod's number and name, a column its number.
func (m *Matrix) Print(w io.Writer) error {
	out := bufio.NewWriter(w)
	width, names := len(strconv.Itoa(len(m.Pods))), 0
	for _, p := range m.Pods {
		names = max(names, len(p))
	}
	out.WriteString(legend)
	for _, t := range m.Tables {
		fmt.Fprintf(out, "\n%s\n%*s", t.Port, width+1+names, "")
		for i := range m.Pods {
			fmt.Fprintf(out, " %*d", width, i+1)
		}
		out.WriteByte('\n')
		for i, row := range t.Cells {
			fmt.Fprintf(out, "%*d %-*s", width, i+1, names, m.Pods[i])
			for _, cell := range row {
				fmt.Fprintf(out, " %*s%c", width-1, "", cell.letter())
			}
			out.WriteByte('\n')
		}
	}
	return out.Flush()
}

// String gives what Print writes.
func (m *Matrix) String() string {
	var b strings.Builder
	m.Print(&b) // a Builder never fails
	return b.String()
}

// WriteJSON writes the JSON form with a row on each line.
func (m *Matrix) WriteJSON(w io.Writer) error {
	out := bufio.NewWriter(w)
	pods, err := json.Marshal(append([]string{}, m.Pods...)) // not null
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "{\n  \"pods\": %s,\n  \"ports\": {", pods)
	for i, t := range m.Tables {
		fmt.Fprintf(out, "%s\n    %q: [", [...]string{"", ","}[min(i, 1)], t.Port)
		for j, row := range t.Cells {
			fmt.Fprintf(out, "%s\n      [", [...]string{"", ","}[min(j, 1)])
			for k, cell := range row {
				fmt.Fprintf(out, "%s\"%s\"", [...]string{"", ", "}[min(k, 1)], cell)
			}
			out.WriteByte(']')
		}
		out.WriteString("\n    ]")
	}
	out.WriteString("\n  }\n}\n")
	return out.Flush()
}

// MarshalJSON gives {"pods": ["ns/name", ...], "ports": {"TCP/80": [["allow", ...], ...]}}: a row for each source, in it a cell
// for each destination.
func (m *Matrix) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	err := m.WriteJSON(&b)
	return b.Bytes(), err
}

// UnmarshalJSON reads what MarshalJSON gives, with ports in any order. Pods keep the order in which they come.
func (m *Matrix) UnmarshalJSON(data []byte) error {
	var in struct {
		Pods  []string              `json:"pods"`
		Ports map[string][][]string `json:"ports"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	read := Matrix{Pods: in.Pods}
	for name, rows := range in.Ports {
		t, err := readTable(name, rows, len(in.Pods))
		if err != nil {
			return fmt.Errorf("port %q: %w", name, err)
		}
		read.Tables = append(read.Tables, t)
	}
	slices.SortFunc(read.Tables, func(a, b Table) int { return a.Port.Compare(b.Port) })
	*m = read
	return nil
}

func readTable(name string, rows [][]string, pods int) (Table, error) {
	port, err := ParsePort(name)
	if err != nil {
		return Table{}, err
	}
	t := Table{Port: port, Cells: make([][]Word, len(rows))}
	if len(rows) != pods {
		return t, fmt.Errorf("%d rows for %d pods", len(rows), pods)
	}
	for i, row := range rows {
		if len(row) != pods {
			return t, fmt.Errorf("row %d has %d cells for %d pods", i, len(row), pods)
		}
		t.Cells[i] = make([]Word, pods)
		for j, cell := range row {
			if t.Cells[i][j], err = ParseWord(cell); err != nil {
				return t, err
			}
		}
	}
	return t, nil
}
