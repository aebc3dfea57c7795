package main

// explanation says why what a rule finds in some files is as it should be. The first row that fits counts.
type explanation struct {
	rule  string
	where string // the beginning of files' paths
	why   string
}

func explained() []explanation {
	const (
		bounded = "indexes and counts of what is in memory, and numbers that the reader has held against their limits; the rule sees neither"
		lengths = "lengths of messages made here, which are cut to fit, and numbers of 32 bits that the kernel or the switch gave as such"
		closing = "closing what is done with: there is nobody to tell, and nothing else to do"
		named   = "files that whoever started the program named, or of directories that he named"
	)
	return []explanation{
		{"G103", "runtime/lab/", "ioctls that take a pointer; the lab alone makes links and terminals by them"},
		{"G104", "cmd/", closing},
		{"G104", "compiler/workload/", "writes to a strings.Builder or hash, which cannot fail"},
		{"G104", "targets/", "writes to a hash, which cannot fail"},
		{"G104", "internal/grid/", "writes to a tabwriter over a buffer, which cannot fail"},
		{"G104", "internal/vm/", "the machine's image is in memory; a machine that lacks a part of it does not start, which is an error"},
		{"G104", "runtime/ovs/unixctl.go", "the daemon is asked whether it can; one that cannot says so again when it is needed"},
		{"G104", "runtime/", closing},
		{"G109", "compiler/manifest/tree/slow.go", "the number of a line in a document that fits in memory"},
		{"G115", "cmd/", bounded},
		{"G115", "compiler/", bounded},
		{"G115", "internal/", bounded},
		{"G115", "ir/", bounded},
		{"G115", "targets/", bounded},
		{"G115", "runtime/names/stream.go", "sequence numbers of TCP wrap round (RFC 9293): the difference of two is signed"},
		{"G115", "runtime/", lengths},
		{"G122", "internal/repo/", "the checker reads the tree of its own project"},
		{"G204", "internal/", "tests start the Go tool and an emulator; neither is part of the program"},
		{"G204", "runtime/lab/", "the lab runs what its user asks for, and tools by their path; each argument is given as it is, without a shell"},
		{"G301", "cmd/headgate/compile.go", "what headgate compile writes is for others to read"},
		{"G301", "internal/", "golden files and caches of tests"},
		{"G304", "", named},
		{"G306", "cmd/headgate/compile.go", "what headgate compile writes is for others to read"},
		{"G306", "internal/", "golden files of tests"},
		{"G306", "runtime/lab/netns.go", "a sysctl of a namespace of the lab"},
		{"G401", "compiler/resolve/others.go", "names of objects as Antrea makes them, by SHA-1; nothing is secured by it"},
		{"G402", "runtime/kubelet/", "probes over HTTPS do not verify certificates: that is what Kubernetes documents of them"},
		{"G404", "compiler/workload/", "made-up clusters that are the same for the same seed"},
		{"G404", "ir/irtest/", "made-up clusters that are the same for the same seed"},
		{"G404", "targets/", "made-up rules that are the same for the same seed"},
		{"G404", "runtime/lab/", "tags that tell packets of a lab apart"},
		{"G404", "runtime/member/", "when to try again: no secret"},
		{"G505", "compiler/resolve/others.go", "names of objects as Antrea makes them, by SHA-1; nothing is secured by it"},
		{"G703", "runtime/lab/", "directories of labs below one that the user named, under names that are checked"},
	}
}
