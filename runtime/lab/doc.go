// Package lab builds a throwaway cluster of network namespaces on one Linux machine and sends real packets through it.
//
// A lab has a fabric (a kernel bridge that is the underlay), a namespace per node, per external host and per pod, and one
// supervisor process, which is PID 1 of the lab's own pid namespace. With target "nftables" pods are routed by their node's
// kernel; with target "openflow" each node runs an ovsdb-server and an ovs-vswitchd, by default on the userspace datapath. The
// rules are not the lab's business: an Applier, given to Main, loads them inside the supervisor.
//
// Guarantees:
//
//   - Nothing outside the lab's own mount, network, pid and (when not root) user namespaces is touched, but for one state
//     directory. Labs cannot see each other, whatever names and addresses they use.
//   - When the supervisor ends, for whatever reason, the kernel ends every process, link, mount and namespace of the lab. A
//     foreground lab ends with the process that brought it up. A state directory that a killed lab left is removed by the next
//     Up or List.
//   - A program that uses the package calls Main first thing in main (and in TestMain): the supervisor is the same program,
//     executed again.
//   - A probe is called dropped only after a second, longer attempt went unanswered too, and after further ones while the
//     machine was too busy to tell.
package lab
