package reach

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// WriteJSON writes the JSON form with a row on each line.
func (m *Matrix) WriteJSON(w io.Writer) error {
	out := bufio.NewWriter(w)
	pods, err := json.Marshal(append([]string{}, m.Pods...)) // not null
	if err != nil {
		return err
	}
	quoted := quotedWords()
	fmt.Fprintf(out, "{\n  \"pods\": %s,\n  \"ports\": {", pods)
	for i, t := range m.Tables {
		fmt.Fprintf(out, "%s\n    %q: [", [...]string{"", ","}[min(i, 1)], t.Port)
		for j, row := range t.Cells {
			fmt.Fprintf(out, "%s\n      [", [...]string{"", ","}[min(j, 1)])
			for k, cell := range row {
				out.WriteString(quoted[min(k, 1)][cell]) // no Fprintf here: a cluster of 10,000 pods has 10^8 cells
			}
			out.WriteByte(']')
		}
		out.WriteString("\n    ]")
	}
	out.WriteString("\n  }\n}\n")
	return out.Flush()
}

// quotedWords gives the JSON text of every Word: as the first cell of a row, and as a further one.
func quotedWords() (quoted [2][6]string) {
	for i, word := range words() {
		quoted[0][i] = strconv.Quote(word)
		quoted[1][i] = ", " + quoted[0][i]
	}
	return quoted
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
