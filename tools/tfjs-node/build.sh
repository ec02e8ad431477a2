#!/bin/sh
# Builds the addon of tfjs-node or tfjs-node-gpu against the libtensorflow inside a TensorFlow wheel. See README.md.
set -eu

if [ $# -ne 2 ] || [ ! -d "$1/binding" ] || [ ! -e "$2/libtensorflow_cc.so.2" ]; then
  echo "usage: tools/tfjs-node/build.sh node_modules/@tensorflow/tfjs-node[-gpu] UNPACKED_WHEEL/tensorflow" >&2
  exit 2
fi
package=$(cd "$1" && pwd)
tensorflow=$(cd "$2" && pwd)
node_headers=${NODE_HEADERS:-$(dirname "$(dirname "$(node -p process.execPath)")")/include/node}

# The wheel's libtensorflow_cc holds the C interface too, which tfjs-node looks for in libtensorflow.
mkdir -p "$package/deps/lib"
ln -sfn "$tensorflow/include" "$package/deps/include"
ln -sf "$tensorflow/libtensorflow_cc.so.2" "$package/deps/lib/libtensorflow.so"
for name in libtensorflow_cc.so.2 libtensorflow_framework.so.2; do
  ln -sf "$tensorflow/$name" "$package/deps/lib/$name"
done
ln -sf libtensorflow_framework.so.2 "$package/deps/lib/libtensorflow_framework.so"

# Where the package looks for its addon: the highest interface version that both it and Node know.
version=$(node -p "Math.max(...require('$package/package.json').binary.napi_versions.filter((v) => v <= process.versions.napi))")
target="$package/lib/napi-v$version"
mkdir -p "$target"
${CXX:-g++} -shared -fPIC -O2 -std=c++17 "-DNAPI_VERSION=$version" \
  "-I$node_headers" "-I$package" "-I$package/deps/include" \
  "$package/binding/tfjs_backend.cc" "$package/binding/tfjs_binding.cc" \
  "-L$package/deps/lib" -ltensorflow -ltensorflow_framework '-Wl,-rpath,$ORIGIN/../../deps/lib' \
  -o "$target/tfjs_binding.node"
echo "$target/tfjs_binding.node"
