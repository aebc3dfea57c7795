// Package expect judges expectations: whether every packet that one is about gets the verdict that it says.
//
// Guarantees: it decides by ir.Program's evaluator alone; a verdict that holds holds for every packet between the endpoints, since one
// packet of each class is judged that rules can tell apart (ports between the bounds of rules, addresses of blocks between the blocks of
// rules), and none is left out; what is about nobody, or takes more than Limit packets, does not hold; equal input gives equal output.
//
// Left out is what no policy can judge: packets of an endpoint to itself, and the types of ICMPv6 without which IPv6 does not work, unless
// an expectation names such a type.
package expect
