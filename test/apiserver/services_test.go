package apiserver_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/workload"
	"github.com/headgate-net/headgate/test/apiserver"
)

// randomServices are taken by both: the Services and slices of compiler/workload, which its own test reads back. The cluster's
// ranges are not those of the workload, and status is not for those who create.
func randomServices(t *testing.T, s *apiserver.Server) {
	offer := func(collection string, object any) {
		text, err := json.Marshal(object)
		require.NoError(t, err)
		require.Empty(t, complaint(string(text)))
		require.NoError(t, s.Offer(collection, text), "%s", text)
	}
	count := 0
	for seed := range uint64(60) {
		o := workload.RandomServices(seed)
		for i, service := range o.Services {
			service.Namespace, service.Name = "shop", fmt.Sprintf("random-%d", i)
			service.ClusterIPs, service.LoadBalancer.Ingress = nil, nil
			offer("/api/v1/namespaces/shop/services", workload.APIService(service))
			count++
		}
		for _, slice := range o.EndpointSlices {
			slice.Namespace = "shop"
			offer("/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices", workload.APISlice(slice))
			count++
		}
	}
	require.Greater(t, count, 500)
}
