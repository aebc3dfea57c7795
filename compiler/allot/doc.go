// Package allot gives out addresses outside of a cluster's own networks, to Egresses and Services, and chooses the nodes that hold
// them.
//
// Guarantees: the results depend on what is claimed alone, not on its order, a clock or chance. No address is given to two who do
// not agree to share it. Who has an address keeps it while it is valid, whoever comes after; so every node comes to the same result
// once the status of the objects says what they have, and a node that fails moves only the addresses that it held, unless nodes are
// full. Whatever cannot be had is reported, with its place.
package allot
