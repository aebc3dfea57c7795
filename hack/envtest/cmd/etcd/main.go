// Command etcd is the store that the API server under test keeps its objects in: upstream's server, whose own main package is
// not in a module of its own.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
