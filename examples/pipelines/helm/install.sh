#!/usr/bin/env bash
# Judges what the chart renders to, then installs it into a namespace that has its labels.
set -euo pipefail
cd "$(dirname "$0")"
helm template shop shop --namespace shop | npx --yes ringfence@0.1.0 check --namespaces namespace.yaml -n shop -
kubectl apply -f namespace.yaml
helm upgrade --install shop shop --namespace shop
