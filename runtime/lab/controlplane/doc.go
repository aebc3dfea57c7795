// Package controlplane makes a Kubernetes cluster of a lab: a real etcd, kube-apiserver and Kubernetes' own controllers on a machine of the
// lab's underlay, a stand-in kubelet on every node, whose pods are places of the lab, and on every node the agent.
//
// Guarantees:
//
//   - Whatever it starts belongs to the lab and ends with it. When Up fails or its context ends, nothing is left.
//   - One port on the loopback address of the machine leads in: to the API server, with a certificate made for this lab alone.
//   - The agents have the rights that deploy/agent/rbac.yaml gives, and no others.
package controlplane
