// kubectl as Kubernetes builds it. It is a binary of its own because tests start it thousands of times, and a start of
// the binary with the servers takes twice the processor time.
package main

import (
	"os"

	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
)

func main() {
	os.Exit(cli.Run(kubectl.NewDefaultKubectlCommand()))
}
