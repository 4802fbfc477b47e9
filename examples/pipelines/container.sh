#!/bin/sh
# Judges the folder k8s with the image that runs in the cluster. It needs no network and writes nothing.
docker run --rm --network none --read-only --volume "$PWD:/work:ro" --workdir /work registry.example.com/ringfence:0.1.0 check k8s
