// Package cell divides packets into cells: sets of packets that no rule of a list tells apart.
//
// Addresses fall into classes by the sets that they are in, layer 4 into boxes cut by protocol and at every bound of a port range
// that occurs; a cell is a class and a box. Each rule contains a cell whole or not at all, which makes questions about unions of
// rules exact. What takes more than Limit steps is given up, and the caller is told.
package cell

// Limit is the number of bounds of ranges of addresses, and of cells, that one division may have.
const Limit = 4 << 20
