// Package kubelet stands in for the kubelet of a node whose pods are network namespaces of a lab, so that what is made for Kubernetes
// clusters runs against a real API server and a real dataplane on one machine without a container runtime.
//
// Guarantees:
//
//   - A pod of the node has a place of its own in the lab from before it is reported as running until after it is reported as gone, with
//     addresses of the node's prefixes that no other pod has; a pod of the host's network has the node itself.
//   - The commands of its containers run there, with the standard streams that logs, exec and port-forward promise, are started again as
//     its restartPolicy says, and are killed with the pod. Readiness probes count.
//   - Nobody but clients of the given authority has programs run.
//
// There are no images: commands are those of this machine, and agnhost stands in for what images bring (see Options). There are no
// volumes, no resources, no security contexts, no terminals, and no grace periods: programs are killed.
package kubelet
